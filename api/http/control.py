"""What gateways ask, over mutual hybrid TLS as a pinned site: key releases and standing."""

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from api.desk import ReleaseDesk
from api.errors import NotAllowedError
from api.http import problems
from api.http.bounds import Bounds
from api.http.tls import peer_site
from api.passage import PassageState
from crypto.encoding import b64, unb64

PERMIT_BYTES = 1 << 17


class Ask(BaseModel):
    """A request for a challenge."""

    model_config = ConfigDict(extra="forbid")
    permit: str = Field(max_length=PERMIT_BYTES)


class Asked(BaseModel):
    """A challenge to the site's recipient key; bytes in base64url."""

    nonce: str
    challenge: str
    context: str


class Proof(BaseModel):
    """A request for a data key, with the answer to the challenge."""

    model_config = ConfigDict(extra="forbid")
    permit: str = Field(max_length=PERMIT_BYTES)
    nonce: str = Field(max_length=64)
    answer: str = Field(max_length=1024)


class Answer(BaseModel):
    """The wrapped data key, in base64url, and the decision that released it."""

    envelope: str
    decision: str


class Standing(BaseModel):
    """Whether a passage may go on."""

    valid: bool
    state: str


def control_app(desk: ReleaseDesk) -> FastAPI:
    """Return the app that gateways ask; it is served over pinned TLS alone."""
    app = FastAPI(title="Sekisho control", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(_routes(desk))
    app.add_middleware(Bounds)
    problems.install(app)
    return app


def _routes(desk: ReleaseDesk) -> APIRouter:
    routes = APIRouter(prefix="/v1")

    @routes.post("/keys:challenge")
    def challenge(request: Request, body: Ask) -> Asked:
        made = desk.challenge(body.permit.encode(), site=_site(request))
        return Asked(nonce=made.nonce, challenge=b64(made.blob), context=b64(made.context))

    @routes.post("/keys:release")
    async def release(request: Request, body: Proof) -> Answer:
        released = await desk.release(
            body.permit.encode(),
            site=_site(request),
            nonce=body.nonce,
            answer=unb64(body.answer, "answer"),
        )
        if released.envelope is None:
            codes = ", ".join(released.reckoning.codes)
            raise NotAllowedError(f"decision {released.id} refuses: {codes}")
        return Answer(envelope=b64(released.envelope.to_bytes()), decision=released.id)

    @routes.get("/passages/{identity}/standing")
    def standing(request: Request, identity: str) -> Standing:
        passage = desk.gate.register.passage(identity)
        if _site(request) not in desk.gate.sites_of(passage):
            raise NotAllowedError("this site is not on the passage's path")
        fresh = desk.gate.clock() < passage.expires
        return Standing(
            valid=fresh and passage.state is PassageState.GRANTED, state=passage.state.value
        )

    return routes


def _site(request: Request) -> str:
    site = peer_site(request.scope)
    if site is None:
        raise NotAllowedError("only a site with a pinned certificate may ask this")
    return site
