"""The one place that runs a network. The runtime asked for is the one that runs; there is no silent replacement."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args

from numpy.typing import NDArray

Runtime = Literal["onnxruntime", "openvino"]
Tensors = Mapping[str, NDArray[Any]]

_log = logging.getLogger(__name__)

PROVIDERS = ["CPUExecutionProvider"]


class SessionError(RuntimeError):
    """A network that cannot be loaded or run; the message says why."""


class _Engine(Protocol):
    provider: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]: ...


class Session:
    """A loaded network. `model` is an ONNX file or its bytes; `threads` the number of CPU threads one call may use.

    Raises `SessionError` where the runtime is not installed or the file is no valid network, `ValueError` for a wrong option.
    """

    def __init__(self, model: str | Path | bytes, threads: int = 1, runtime: Runtime = "onnxruntime") -> None:
        if runtime not in get_args(Runtime):
            raise ValueError(f"runtime must be one of {', '.join(get_args(Runtime))}, got {runtime!r}")
        if not isinstance(threads, int) or threads < 1:
            raise ValueError(f"threads must be a whole number from 1, got {threads!r}")
        data = model if isinstance(model, bytes) else Path(model).read_bytes()
        self.runtime, self.threads = runtime, threads
        self._engine: _Engine = _OnnxRuntime(data, threads) if runtime == "onnxruntime" else _OpenVino(data, threads)
        _log.info("a network of %d kB runs on %s, threads %d", len(data) // 1000, self._engine.provider, threads)

    @property
    def provider(self) -> str:
        """What really runs, as the runtime itself reports it."""
        return self._engine.provider

    @property
    def inputs(self) -> tuple[str, ...]:
        return self._engine.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        return self._engine.outputs

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """All outputs by name. Safe to call from several threads. Raises `SessionError`."""
        return self._engine.run(feeds)


def available() -> dict[str, str]:
    """Which runtimes can be used here: name to version and providers, or to what is missing."""
    import onnxruntime

    found = {"onnxruntime": f"{onnxruntime.__version__} ({', '.join(onnxruntime.get_available_providers())})"}
    try:
        import openvino
    except ImportError:
        found["openvino"] = "not installed"
    else:
        found["openvino"] = f"{openvino.__version__} ({', '.join(openvino.Core().available_devices)})"
    return found


class _OnnxRuntime:
    def __init__(self, data: bytes, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads must not burn a shared core
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=PROVIDERS)
        except Exception as error:  # onnxruntime's exceptions share no public base class
            raise SessionError(f"onnxruntime cannot load the network: {_first_line(error)}") from error
        self.provider = str(self._session.get_providers()[0])
        self.inputs = tuple(item.name for item in self._session.get_inputs())
        self.outputs = tuple(item.name for item in self._session.get_outputs())

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        try:
            values = self._session.run(None, dict(feeds))
        except Exception as error:
            raise SessionError(f"onnxruntime cannot run the network: {_first_line(error)}") from error
        return dict(zip(self.outputs, values, strict=True))


class _OpenVino:
    def __init__(self, data: bytes, threads: int) -> None:
        try:
            import openvino
        except ImportError:
            raise SessionError("the runtime openvino is not installed: pip install 'platelight[openvino]'") from None
        core = openvino.Core()
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        settings["INFERENCE_PRECISION_HINT"] = "f32"  # else it computes in bfloat16 where the CPU can, and scores differ between machines
        try:
            self._compiled = core.compile_model(core.read_model(data), "CPU", settings)
        except Exception as error:
            raise SessionError(f"openvino cannot load the network: {_first_line(error)}") from error
        self.provider = f"openvino {self._compiled.get_property('EXECUTION_DEVICES')[0]}"
        self.inputs = tuple(item.get_any_name() for item in self._compiled.inputs)
        self.outputs = tuple(name for item in self._compiled.outputs for name in sorted(item.get_names()))  # one output may have several

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        try:
            results = self._compiled.create_infer_request().infer(dict(feeds))
        except Exception as error:
            raise SessionError(f"openvino cannot run the network: {_first_line(error)}") from error
        return {name: cast("NDArray[Any]", results[name]).copy() for name in self.outputs}


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
