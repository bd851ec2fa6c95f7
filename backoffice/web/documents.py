"""Documents over HTTP: who signed in and holds a link of theirs gets the bytes, and a note in the access log."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice import clock
from backoffice.services import document_links, rendered_documents
from backoffice.services.document_links import PATH
from backoffice.web.authentication import authenticate_staff
from backoffice.web.installation import installation_of

_OPERATION = "document"
_PROTECTING = {
    "Cache-Control": "no-store",
    # Whatever the file holds, it is no page of ours: no script, no form, no request.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[Route]:
    """The path of the documents."""
    return [Route(f"{PATH}/{{token}}", _document)]


async def _document(request: Request) -> Response:
    viewer = (await authenticate_staff(request)).viewer
    installation, at = installation_of(request), clock.now()
    place = document_links.unseal(installation.vault, request.path_params["token"], viewer=viewer, at=at)
    async with installation.database.reading() as session:
        file = await rendered_documents.read(
            session, viewer=viewer, subscriber_id=place.subscriber_id, document_id=place.id
        )
    if file is None:
        raise document_links.not_found()
    await installation.access_log.file(viewer=viewer, subscriber_id=place.subscriber_id, operation=_OPERATION, at=at)
    disposition = {"Content-Disposition": f'inline; filename="{file.name}"'}
    return Response(file.content, media_type="application/pdf", headers={**_PROTECTING, **disposition})
