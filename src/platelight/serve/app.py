"""The application: routes, layers, and how it starts and stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from platelight import __version__
from platelight.register import Register
from platelight.serve import dropin_routes, errors, health, hiding_routes, page, read_routes, register_routes, schemas, workers
from platelight.serve.batching import Batcher
from platelight.serve.errors import RefusedError
from platelight.serve.metrics import Metrics
from platelight.serve.reading import Readers
from platelight.serve.service import Service, known_countries
from platelight.serve.settings import Settings
from platelight.serve.shield import BodyLimits, Outside

DESCRIPTION = 'Finds the number plates in photos and reads them. No picture is kept. Errors are `{"error": {"code", "message"}}`.'

_bearer = HTTPBearer(auto_error=False, description="Needed where the service was started with tokens.")


async def authorize(request: Request, _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    """Let in who has a token, where the service was started with tokens."""
    service: Service = request.app.state.service
    if not service.settings.tokens.opens(request.headers.get("authorization")):
        raise RefusedError(401, "unauthorized", "this service needs a token: Authorization: Bearer TOKEN")


def create_app(settings: Settings | None = None, readers: Readers | None = None) -> FastAPI:
    """The service as an ASGI application; without `readers`, models are loaded when it starts. Raises what opening the register raises."""
    settings = settings or Settings()
    service = Service(settings, Metrics(lambda: service.waiting), known_countries())
    if settings.register is not None:
        service.register = Register(settings.register)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        limits = settings.limits
        batcher = Batcher(await workers.start(settings, readers), limits.queue, limits.batch, service.metrics)
        batcher.start()
        service.batcher = batcher
        yield
        await batcher.stop()
        if service.register is not None:
            service.register.close()

    app = FastAPI(
        title="platelight", version=__version__, description=DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None,  # both load scripts from elsewhere
    )  # fmt: skip
    app.state.service = service
    errors.install(app)
    guards = [Depends(authorize)] if settings.tokens else []
    for router in (read_routes.router, hiding_routes.router, dropin_routes.router, register_routes.router, health.guarded):
        app.include_router(router, dependencies=guards, responses={401: {"model": schemas.Refusal}} if guards else {})
    app.include_router(health.router)
    page.install(app)
    app.add_middleware(BodyLimits, limits=settings.limits, held=service.held)
    if settings.origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST"], allow_headers=["Authorization"])
    app.add_middleware(Outside, metrics=service.metrics, log_plates=settings.log_plates)
    return app
