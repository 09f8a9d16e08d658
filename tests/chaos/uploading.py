"""Files sent to the import page as a browser sends them."""

from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

from tests.chaos.advisors import Visitor, hidden


def upload(visitor: Visitor, path: Path, kind: str) -> int:
    """The status of the answer."""
    token = hidden(visitor.get("/imports/").text)["csrfmiddlewaretoken"]
    edge = uuid4().hex
    fields = {"csrfmiddlewaretoken": token, "kind": kind, "submission": str(uuid4())}
    head = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += (
        f'--{edge}\r\nContent-Disposition: form-data; name="upload"; filename="{path.name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = head.encode() + path.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    line = HTTPConnection(visitor.place, timeout=60)
    cookies = "; ".join(f"{key}={value}" for key, value in visitor.cookies.items())
    kind_of_body = f"multipart/form-data; boundary={edge}"
    line.request(
        "POST", "/imports/upload/", body, {"Cookie": cookies, "Content-Type": kind_of_body}
    )
    status = line.getresponse().status
    line.close()
    return status
