"""What the tests of questionnaires play with: Acme's desk, where they are sent from, and the vendor at the link."""

import re
from typing import Any

import httpx

from tests.factories import Account
from tests.records.cast import checked

Json = dict[str, Any]

V2 = "/public/v2"
TEMPLATES = f"{V2}/questionnaire-templates"
HEADER = "X-Questionnaire-Token"
LINK = re.compile(r"https?://\S+/q#([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")

QUESTIONS: list[Json] = [
    {"id": "intro", "section": "Access", "text": "About who may reach our data.", "type": "info"},
    {
        "id": "mfa",
        "section": "Access",
        "text": "Do all sign in with two factors?",
        "type": "yes_no_na",
        "required": True,
    },
    {"id": "who", "section": "Access", "text": "Who is exempt?", "type": "long_text", "required": True},
    {"id": "store", "section": "Data", "text": "Where is data stored?", "type": "multi", "options": ["EU", "US"]},
    {"id": "proof", "section": "Data", "text": "Attach your last report.", "type": "file"},
]
QUESTIONS[2]["showIf"] = {"questionId": "mfa", "equals": "no"}


def question(id_: str, kind: str = "yes_no", **more: Any) -> Json:
    """A question as the API takes it."""
    return {"id": id_, "text": f"What about {id_}?", "type": kind, **more}


class Desk:
    """An account with a vendor, a security review of it and a template; what is asked of the API, Alice asks."""

    def __init__(self, account: Account, **vendor: Any) -> None:
        self.account = account
        self.alice = checked(account.alice)
        self.vendor_id = self.new_vendor(**vendor)
        self.review_id = self.new_review(self.vendor_id)
        self.template: Json = self.made(TEMPLATES, {"title": "Security basics", "questions": QUESTIONS})

    @property
    def vendor(self) -> str:
        return f"{V2}/vendors/{self.vendor_id}"

    @property
    def questionnaires(self) -> str:
        return f"{self.vendor}/questionnaires"

    @property
    def uploads(self) -> str:
        return f"{self.vendor}/security-questionnaires"

    @property
    def of_review(self) -> str:
        return self.uploads_to(self.review_id)

    def uploads_to(self, review_id: int) -> str:
        return f"{self.vendor}/security-reviews/{review_id}/security-questionnaires"

    def made(self, path: str, body: Json) -> Json:
        response = self.alice.post(path, json=body)
        assert response.status_code == 201, response.text
        made: Json = response.json()
        return made

    def new_vendor(self, **more: Any) -> int:
        vendor_id: int = self.made(f"{V2}/vendors", {"name": "Initech", **more})["id"]
        return vendor_id

    def new_review(self, vendor_id: int) -> int:
        body = {
            "reviewDeadlineAt": "2030-01-01T00:00:00Z",
            "securityReviewStatus": "IN_PROGRESS",
            "securityReviewType": "SECURITY",
        }
        review_id: int = self.made(f"{V2}/vendors/{vendor_id}/security-reviews", body)["id"]
        return review_id

    def made_template(self, title: str, *questions: Json) -> int:
        """The id of another template."""
        body = {"title": title, "questions": list(questions) or [question("a")]}
        template_id: int = self.made(TEMPLATES, body)["id"]
        return template_id

    def sending(self, **changes: Any) -> Json:
        """The body of a good sending with some of it changed; ... leaves a property out."""
        body = {
            "email": "bob@initech.test",
            "questionnaireId": self.template["id"],
            "emailContent": "Please answer until Friday.",
            "securityReviewId": self.review_id,
            **changes,
        }
        return {name: value for name, value in body.items() if value is not ...}

    def send(self, **changes: Any) -> Json:
        return self.made(self.questionnaires, self.sending(**changes))

    def upload(self, *files: tuple[str, bytes], to: str | None = None) -> httpx.Response:
        """Uploads files by name, to the vendor unless another path is given."""
        return self.alice.post(to or self.uploads, files=[("files", file) for file in files])

    def asked(self, **changes: Any) -> tuple[Json, "Portal"]:
        """A questionnaire that was sent, and the page behind its link."""
        sent = self.send(**changes)
        return sent, Portal(self.account, self.tokens()[-1])

    def answers(self, questionnaire_id: int) -> Json:
        response = self.alice.get(f"{self.questionnaires}/{questionnaire_id}/answers")
        assert response.status_code == 200, response.text
        answers: Json = response.json()
        return answers

    def events(self, *types: str) -> list[Json]:
        """The account's events of these types, the oldest first."""
        listed = self.alice.get(f"{V2}/events?size=500").json()["data"]
        return [event for event in listed if not types or event["type"] in types]

    def mails(self) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of the account's mails, as the outbox has them."""
        return self.account.sql("select recipient, subject, body_text from mails where account_id = %s order by id")

    def tokens(self) -> list[str]:
        """The tokens of the links that were mailed."""
        return [token for _, _, text in self.mails() for token in LINK.findall(text)]


class Portal:
    """What the page does with the token of its link."""

    def __init__(self, account: Account, token: str) -> None:
        self.client = account.client(None)
        self.client.headers[HEADER] = token
        self.revision = 0

    def get(self) -> httpx.Response:
        return self.client.get("/q/api/questionnaire")

    def state(self) -> Json:
        response = self.get()
        assert response.status_code == 200, response.text
        state: Json = response.json()
        return state

    def put(self, answers: Any, revision: int | None = None) -> httpx.Response:
        """Saves answers by id, each as `{"value": ...}`."""
        body = {"revision": self.revision if revision is None else revision, "answers": answers}
        return self._noted(self.client.put("/q/api/answers", json=body))

    def save(self, **values: Any) -> None:
        """Saves values that fit."""
        response = self.put({id_: {"value": value} for id_, value in values.items()})
        assert response.status_code == 200, response.text

    def attach(self, question_id: str, name: str, content: bytes, revision: int | None = None) -> httpx.Response:
        fields = {"questionId": question_id, "revision": str(self.revision if revision is None else revision)}
        return self._noted(self.client.post("/q/api/files", data=fields, files={"file": (name, content)}))

    def submit(self, revision: int | None = None, **more: Any) -> httpx.Response:
        body = {"revision": self.revision if revision is None else revision, **more}
        return self.client.post("/q/api/submit", json=body)

    def _noted(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            self.revision = response.json()["revision"]
        return response
