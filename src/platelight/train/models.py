"""The three networks: plain convolutions and ReLU, so that they quantise well and run fast on a CPU.

All take uint8 RGB pictures in (N, H, W, 3) and normalise inside, so that no other code can do it differently.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv(inputs: int, outputs: int, kernel: int | tuple[int, int] = 3, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    """Convolution, batch norm, ReLU, with "same" padding."""
    size = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = (size[0] // 2, size[1] // 2)
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Two 3x3 convolutions with an identity around them (He et al. 2015)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class Along(nn.Module):
    """Residual of two dilated convolutions along the text: so that what stands elsewhere on the line counts.

    It starts as an identity (Goyal et al. 2017), so that a trained network can be given one.
    """

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        shape = {"kernel_size": (1, 5), "padding": (0, 2 * dilation), "dilation": (1, dilation), "bias": False}
        self.first = nn.Sequential(nn.Conv2d(width, width, **shape), nn.BatchNorm2d(width), nn.ReLU(inplace=True))  # type: ignore[arg-type]
        self.second = nn.Sequential(nn.Conv2d(width, width, **shape), nn.BatchNorm2d(width))  # type: ignore[arg-type]
        nn.init.zeros_(self.second[1].weight)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


def normalised(pictures: Tensor) -> Tensor:
    """uint8 (N, H, W, 3) to float (N, 3, H, W) from -1 to just under 1; the form that an int8 network takes over unchanged."""
    return (pictures.permute(0, 3, 1, 2).float() - 128.0) * (1 / 128)


class ReaderNet(nn.Module):
    """Plate pictures (N, 64, 160, 3) uint8 -> CTC frames of up to three text lines, country, number of lines, plate-ness, wholeness.

    A convolutional trunk gives a map of 8 rows by 40 columns. For each of three text lines and each column a softmax over
    the rows says where that line runs; the rows are averaged by it, so a tilted or a two-line plate needs no splitting
    beforehand. A small 1-D network along the columns gives CTC frames (Graves et al. 2006), shared by all lines. A branch of
    its own looks at the whole plate for its country.
    """

    LINES = 3
    DROPPED = 0.25

    def __init__(self, classes: int, countries: int, widths: tuple[int, int, int, int] = (32, 64, 96, 128)) -> None:
        super().__init__()
        a, c, d, e = widths
        self.trunk = nn.Sequential(conv(3, a, stride=2), conv(a, c, stride=2), Residual(c), conv(c, d, stride=(2, 1)), Residual(d))
        self.glance = nn.Sequential(nn.Linear(d, d), nn.ReLU(inplace=True), nn.Linear(d, d))
        self.last = Residual(d)
        self.rows = nn.Conv2d(d, self.LINES, 1)
        self.along = nn.Sequential(conv(d, e, (1, 5)), conv(e, e, (1, 5)), Along(e, 1), Along(e, 3))
        self.frames = nn.Conv2d(e, classes, 1)
        self.summary = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(inplace=True))
        self.country = nn.Linear(2 * d, countries)
        self.lines = nn.Linear(2 * d, self.LINES)
        self.plate, self.whole = nn.Linear(2 * d, 1), nn.Linear(2 * d, 1)
        self.overview = nn.Sequential(conv(d, e, stride=2), conv(e, e, stride=2))
        self.country_overview, self.plate_overview, self.whole_overview = nn.Linear(e, countries), nn.Linear(e, 1), nn.Linear(e, 1)
        for head in (self.country_overview, self.plate_overview, self.whole_overview):  # so that a network trained without them starts unchanged
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Log-probabilities (N, 3, T, C), country (N, K) and lines (N, 3) log-probabilities, plate-ness and wholeness logits (N,)."""
        x = self.trunk(normalised(pictures))
        x = self.last(functional.relu(x + self.glance(x.mean((2, 3)))[:, :, None, None]))
        weights = self.rows(x).float().softmax(2).to(x.dtype)  # (N, 3, H, T)
        line_maps = torch.matmul(x.permute(0, 3, 1, 2), weights.permute(0, 3, 2, 1)).permute(0, 2, 3, 1)  # (N, D, 3, T)
        frames = self.frames(self.along(line_maps))  # (N, C, 3, T)
        summary = self.summary(x.mean((2, 3)))
        overview = self.overview(x).mean((2, 3))
        country = self.country(self._some(summary)) + self.country_overview(self._some(overview))
        return (
            frames.float().permute(0, 2, 3, 1).log_softmax(3),
            country.float().log_softmax(1),
            self.lines(summary).float().log_softmax(1),
            (self.plate(summary) + self.plate_overview(overview)).float()[:, 0],
            (self.whole(summary) + self.whole_overview(overview)).float()[:, 0],
        )

    def _some(self, features: Tensor) -> Tensor:
        """Dropout (Srivastava et al. 2014): the countries of the few real plates are soon known by heart."""
        return functional.dropout(features, self.DROPPED, self.training)


class DetectorNet(nn.Module):
    """Pictures (N, H, W, 3) uint8, sides multiples of 32 -> centre heat map and four corners, on a grid of stride 8.

    Centres as a heat map after Zhou et al. 2019 ("Objects as points"); instead of a box, eight corner offsets.
    """

    STRIDE = 8
    CORNER_UNIT_PX = 32.0

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 64, 96, 144), neck: int = 64) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.stem = nn.Sequential(conv(3, a, stride=2), conv(a, b, stride=2))
        self.at8 = nn.Sequential(conv(b, c, stride=2), Residual(c))
        self.at16 = nn.Sequential(conv(c, d, stride=2), Residual(d), Residual(d))
        self.at32 = nn.Sequential(conv(d, e, stride=2), Residual(e), Residual(e))
        self.lift32, self.lift16, self.lift8 = nn.Conv2d(e, neck, 1), nn.Conv2d(d, neck, 1), nn.Conv2d(c, neck, 1)
        self.merge16, self.merge8 = conv(neck, neck), conv(neck, neck)
        self.head = conv(neck, neck)
        self.heat, self.corners = nn.Conv2d(neck, 1, 1), nn.Conv2d(neck, 8, 1)
        nn.init.constant_(self.heat.bias, -4.0)  # type: ignore[arg-type]

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Heat logits (N, 1, H/8, W/8) and corner offsets in pixels from the cell's centre (N, 8, H/8, W/8)."""
        at8 = self.at8(self.stem(normalised(pictures)))
        at16 = self.at16(at8)
        at32 = self.at32(at16)
        x = functional.interpolate(self.lift32(at32), scale_factor=2.0, mode="nearest")
        x = functional.interpolate(self.merge16(functional.relu(x + self.lift16(at16))), scale_factor=2.0, mode="nearest")
        x = self.head(self.merge8(functional.relu(x + self.lift8(at8))))
        return self.heat(x).float(), self.corners(x).float() * self.CORNER_UNIT_PX


def parameter_count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


class RefinerNet(nn.Module):
    """Plates cut with their surroundings (N, 96, 160, 3) uint8 -> their four corners (N, 4, 2) in pixels of that picture, plate-ness logits (N,).

    Each corner has a heat map on a grid of stride 4; its place is the mean of the grid under the softmax of the map, finer than
    a cell (Sun et al. 2018, "Integral human pose regression"). Whether this is a plate at all is judged from the coarsest map.
    """

    STRIDE = 4

    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 64, 96), neck: int = 32) -> None:
        super().__init__()
        a, b, c, d = widths
        self.at4 = nn.Sequential(conv(3, a, stride=2), conv(a, b, stride=2), Residual(b))
        self.at8 = nn.Sequential(conv(b, c, stride=2), Residual(c))
        self.at16 = nn.Sequential(conv(c, d, stride=2), Residual(d))
        self.lift16, self.lift8, self.lift4 = nn.Conv2d(d, neck, 1), nn.Conv2d(c, neck, 1), nn.Conv2d(b, neck, 1)
        self.merge8, self.merge4 = conv(neck, neck), conv(neck, neck)
        self.heat = nn.Conv2d(neck, 4, 1)
        self.overview = conv(d, d, stride=2)
        self.plate = nn.Linear(d, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        at4 = self.at4(normalised(pictures))
        at8 = self.at8(at4)
        at16 = self.at16(at8)
        plate = self.plate(self.overview(at16).mean((2, 3))).float()[:, 0]
        x = functional.interpolate(self.lift16(at16), scale_factor=2.0, mode="nearest")
        x = functional.interpolate(self.merge8(functional.relu(x + self.lift8(at8))), scale_factor=2.0, mode="nearest")
        heat = self.heat(self.merge4(functional.relu(x + self.lift4(at4)))).float()  # (N, 4, H/4, W/4)
        chance = heat.flatten(2).softmax(2).view(heat.shape)
        rows = (torch.arange(heat.shape[2], device=heat.device) + 0.5) * self.STRIDE
        columns = (torch.arange(heat.shape[3], device=heat.device) + 0.5) * self.STRIDE
        return torch.stack([(chance.sum(2) * columns).sum(2), (chance.sum(3) * rows).sum(2)], 2), plate
