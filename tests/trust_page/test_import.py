"""trustwright trust import: a folder becomes a trust center, and again, and what is wrong with one that does not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.documents import pdf
from tests.factories import Account
from tests.trust.cast import (
    PNG,
    addresses,
    document,
    domains,
    events,
    managed,
    nda,
    settings,
    workspace,
)
from tests.trust_page.cast import control, get_controls, page, put_status, slug
from trustwright.accounts.store import all_accounts
from trustwright.cli import app

WHOLE = """
settings:
  slug: {slug}
  name: Acme
  is_published: true
  flow_type: SELF
  is_sla_displayed: true
  sla_time: 14
  about: |
    We *care*.
  contact_url: https://acme.test/contact
  security_emails: security@acme.test
  facts:
    - {{name: Regions, value: EU}}
branding:
  logo: pictures/logo.png
nda: nda.pdf
preapproved:
  domains: [Partner.test]
  addresses: [Bob@Initech.test]
documents:
  - name: Information security policy
    type: POLICY
    visibility: PUBLIC
    file: policy.pdf
  - name: SOC 2 report
    type: SECURITY_REPORT
    visibility: ON_REQUEST
    mode: VIEW
    needs_review: true
    expires_at: 2999-01-31
    file: reports/soc2.pdf
controls:
  - {{category: DATA_SECURITY, code: AC-1, name: Encryption, interval_days: 1}}
  - {{category: APP_SECURITY, code: AC-2, name: Reviews, evidence_until: 2999-01-01}}
subprocessors:
  - name: Initech
    purpose: Hosting
    country: Norway
    data_categories: [Names, Addresses]
    dpa_url: https://initech.test/dpa
    effective_from: 2026-02-01
updates:
  - {{title: New report, text: It is out., category: compliance, published_at: 2026-01-05T10:00:00+01:00}}
  - {{title: Draft, text: Not yet., category: general, published_at: 2026-01-06, is_published: false}}
faq:
  - {{question: "Where?", answer: In Norway.}}
frameworks:
  - name: SOC 2
    status: Type 2 report
    valid_until: 2999-06-30
    document: {{type: SECURITY_REPORT, name: SOC 2 report}}
links:
  - {{name: Status, url: "https://status.acme.test"}}
"""

FILES = {
    "policy.pdf": pdf("Policy"),
    "reports/soc2.pdf": pdf("SOC 2"),
    "nda.pdf": pdf("Mutual NDA"),
    "pictures/logo.png": PNG,
}

EVERYTHING = {
    "nda",
    "settings",
    "logo",
    "preapproved bob@initech.test",
    "preapproved partner.test",
    "document POLICY Information security policy",
    "document SECURITY_REPORT SOC 2 report",
    "control AC-1",
    "control AC-2",
    "subprocessor Initech",
    "update New report",
    "update Draft",
    "faq Where?",
    "framework SOC 2",
    "link Status",
}


class Folder:
    """A folder, the account that it is imported into, and the command."""

    def __init__(self, account: Account, path: Path, data_dir: Path) -> None:
        self.account = account
        self.path = path
        self.data_dir = data_dir

    def write(self, text: str, **files: bytes) -> None:
        (self.path / "trust.yaml").write_text(text)
        for name, content in files.items():
            self.file(name, content)

    def file(self, name: str, content: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def whole(self, old: str = "", new: str = "") -> None:
        """The whole folder, with something of its text replaced."""
        text = WHOLE.format(slug=slug(self.account))
        assert old in text
        self.write(text.replace(old, new) if old else text, **FILES)

    def run(self, *words: str, account: bool = True) -> Result:
        named = ["--account", str(self.account.id)] if account else []
        where = ["--database-url", self.account.world.database_url, "--data-dir", str(self.data_dir)]
        return CliRunner().invoke(app, ["trust", "import", str(self.path), *named, *words, *where])

    def bring(self, *words: str) -> Any:
        """What is said of a good import."""
        result = self.run("--json", *words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def refused(self, *words: str) -> str:
        """What is said of a bad one, in one line."""
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        return " ".join(result.stderr.split())


@pytest.fixture
def folder(acme: Account, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    # The server and the command share their storage.
    return Folder(acme, tmp_path, data_dir_of_server(tmp_path_factory))


def data_dir_of_server(factory: pytest.TempPathFactory) -> Path:
    return max(factory.getbasetemp().glob("server*"), key=os.path.getmtime)


def kept(account: Account) -> Any:
    """All that an import could have changed, and the events."""
    tables = ("trust_documents", "trust_document_versions", "trust_controls", "trust_items", "preapproved", "ndas")
    found = {name: account.sql(f"select * from {name} where account_id = %s order by 1, 2") for name in tables}
    return {**found, "settings": settings(account), "events": len(events(account))}


def test_a_folder_becomes_a_trust_center(acme: Account, folder: Folder) -> None:
    folder.whole()

    done = folder.bring()

    assert (done["accountId"], done["workspaceId"], done["dryRun"]) == (acme.id, acme.workspace_id, False)
    assert {*done["added"], *done["changed"]} == EVERYTHING
    assert (done["changed"], done["unchanged"], done["removed"]) == (["settings"], [], [])
    shown = page(acme)
    assert (shown["about"]["html"], shown["slaDays"], shown["nda"]["name"]) == (
        "<p>We <em>care</em>.</p>\n",
        14,
        "nda.pdf",
    )
    assert sorted((each["type"], each["isLocked"]) for each in shown["documents"]) == [
        ("POLICY", False),
        ("SECURITY_REPORT", True),
    ]
    assert shown["frameworks"][0]["document"]["name"] == "SOC 2 report"
    assert shown["updates"] == [
        {
            "title": "New report",
            "text": "It is out.",
            "category": "compliance",
            "publishedAt": "2026-01-05T09:00:00.000Z",
        }
    ]
    assert shown["subprocessors"][0]["effectiveFrom"] == "2026-02-01"
    assert acme.visitor().get(shown["branding"]["logo"]).content == PNG
    (policy,) = [each for each in shown["documents"] if not each["isLocked"]]
    assert acme.visitor().get(policy["address"]).content == FILES["policy.pdf"]
    assert (domains(acme), addresses(acme)) == (["partner.test"], ["bob@initech.test"])
    assert get_controls(acme)["controls"]["APP_SECURITY"][0]["isDocumented"] is True


def test_a_document_is_as_its_line_says(acme: Account, folder: Folder) -> None:
    folder.whole()
    folder.bring()

    (soc2,) = acme.sql(
        """
        select visibility, mode, needs_review, version, expires_at::date::text from trust_documents
        where account_id = %s and type = 'SECURITY_REPORT'
        """,
    )

    assert soc2 == ("ON_REQUEST", "VIEW", True, 1, "2999-01-31")


def test_an_import_done_twice_changes_nothing_the_second_time(acme: Account, folder: Folder) -> None:
    folder.whole()
    folder.bring()
    put_status(acme, "AC-1", isPassing=True).raise_for_status()
    before = kept(acme)

    done = folder.bring()

    assert (done["added"], done["changed"], done["removed"]) == ([], [], [])
    assert set(done["unchanged"]) == EVERYTHING
    assert kept(acme) == before
    assert get_controls(acme)["controls"]["DATA_SECURITY"][0]["status"] == "PASSING"


def test_a_document_gets_a_version_when_its_content_differs(acme: Account, folder: Folder) -> None:
    folder.whole()
    folder.bring()
    (before,) = [each for each in managed(acme).values() if each["type"] == "POLICY"]
    folder.file("policy.pdf", pdf("Policy, revised"))

    done = folder.bring()

    assert done["changed"] == ["document POLICY Information security policy"]
    (after,) = [each for each in managed(acme).values() if each["type"] == "POLICY"]
    assert (after["id"], after["version"]) == (before["id"], before["version"] + 1)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("mode: VIEW", "mode: DOWNLOAD", "document SECURITY_REPORT SOC 2 report"),
        ("needs_review: true", "needs_review: false", "document SECURITY_REPORT SOC 2 report"),
        ("expires_at: 2999-01-31", "expires_at: 2999-02-01", "document SECURITY_REPORT SOC 2 report"),
        ("visibility: PUBLIC", "visibility: UNLISTED", "document POLICY Information security policy"),
        ("name: Encryption", "name: Disk encryption", "control AC-1"),
        ("sla_time: 14", "sla_time: 15", "settings"),
        ("answer: In Norway.", "answer: In Sweden.", "faq Where?"),
        ("is_published: false", "is_published: true", "update Draft"),
        ("status: Type 2 report", "status: Type 1 report", "framework SOC 2"),
    ],
)
def test_only_what_differs_is_changed(acme: Account, folder: Folder, old: str, new: str, what: str) -> None:
    folder.whole()
    folder.bring()
    before = kept(acme)["events"]
    folder.whole(old, new)

    done = folder.bring()

    assert (done["changed"], done["added"], done["removed"]) == ([what], [], [])
    assert kept(acme)["events"] == before + 1


def test_a_new_agreement_and_a_new_picture_take_the_place_of_the_last(acme: Account, folder: Folder) -> None:
    folder.whole()
    folder.bring()
    folder.file("nda.pdf", pdf("Another NDA"))
    folder.file("pictures/logo.png", PNG + b"1")

    assert folder.bring()["changed"] == ["nda", "logo"]
    assert acme.visitor().get(f"/trust/{slug(acme)}/branding/logo").content == PNG + b"1"


def test_named_sections_are_replaced_and_the_others_stay(acme: Account, folder: Folder) -> None:
    folder.whole()
    folder.bring()
    folder.write("controls: []\nfaq: []\npreapproved: {domains: []}\ndocuments: []\n")

    done = folder.bring()

    assert done["removed"] == ["preapproved partner.test", "control AC-1", "control AC-2", "faq Where?"]
    shown = page(acme)
    assert (shown["controls"], shown["faq"]) == ([], [])
    assert (len(shown["links"]), len(shown["documents"]), addresses(acme)) == (1, 2, ["bob@initech.test"])


def test_documents_that_are_not_named_are_pruned_on_demand_only(acme: Account, folder: Folder) -> None:
    document(acme, "Old policy", "POLICY", is_public=True)
    folder.whole()

    folder.bring()
    assert len(managed(acme)) == 3
    done = folder.bring("--prune")

    assert done["removed"] == ["document POLICY Old policy"]
    assert {each["name"] for each in managed(acme).values()} == {"Information security policy", "SOC 2 report"}


def test_without_a_section_of_documents_nothing_is_pruned(acme: Account, folder: Folder) -> None:
    document(acme, "Old policy", "POLICY", is_public=True)
    folder.write("settings: {name: Acme}\n")

    assert folder.bring("--prune")["removed"] == []
    assert len(managed(acme)) == 1


def test_a_dry_run_tells_everything_and_does_nothing(acme: Account, folder: Folder) -> None:
    folder.whole()
    before = kept(acme)

    done = folder.bring("--dry-run")

    assert {*done["added"], *done["changed"]} == EVERYTHING
    assert done["dryRun"] is True
    assert kept(acme) == before
    assert acme.sql("select count(*) from blobs where account_id = %s") == [(0,)]


def test_a_workspace_can_be_named(acme: Account, folder: Folder) -> None:
    labs = workspace(acme)
    folder.write("faq: [{question: 'Who?', answer: We.}]\n")

    assert folder.bring("--workspace", str(labs))["workspaceId"] == labs
    assert acme.sql("select workspace_id from trust_items where account_id = %s") == [(labs,)]
    assert "workspace" in folder.refused("--workspace", "2147483647")


def test_among_many_accounts_one_must_be_named(acme: Account, globex: Account, folder: Folder) -> None:
    folder.write("faq: []\n")
    assert len(acme.world.run(all_accounts(acme.world.database))) > 1

    result = folder.run(account=False)

    assert (result.exit_code, "--account" in result.stderr) == (1, True)


def test_an_account_that_is_not_there_is_refused(acme: Account, folder: Folder) -> None:
    folder.write("faq: []\n")

    assert "No account 2147483647" in " ".join(folder.run("--account", "2147483647", account=False).stderr.split())


def test_people_read_what_changed(acme: Account, folder: Folder) -> None:
    control(acme, "[red]OLD")
    folder.write("faq: [{question: 'Who?', answer: We.}]\ncontrols: []\n")

    lines = folder.run().output.splitlines()

    assert lines == ["+ faq Who?", "- control [red]OLD", "1 added, 0 changed, 0 unchanged, 1 removed"]
    assert folder.run("--dry-run").output.splitlines()[-1].endswith("nothing was saved")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # The form of the file.
        ("settings:", "setings:", "trust.yaml: Object contains unknown field `setings`"),
        ("  sla_time: 14", "  slaTime: 14", "trust.yaml: settings: Object contains unknown field `slaTime`"),
        ("  sla_time: 14", "  logo_file_id: 1", "trust.yaml: settings: Object contains unknown field `logo_file_id`"),
        ("sla_time: 14", "sla_time: soon", "settings.sla_time: Expected `int`, got `str`"),
        ("sla_time: 14", "sla_time: -1", "settings: slaTime: must be a whole number of days"),
        ("flow_type: SELF", "flow_type: CHOICE", "settings.flow_type: Invalid enum value 'CHOICE'"),
        ("country: Norway", "land: Norway", "trust.yaml: subprocessors[0]: Object"),
        ("category: DATA_SECURITY", "category: OTHER", "controls[0].category: Invalid enum value 'OTHER'"),
        ("interval_days: 1", "interval_days: 0", "controls[0].interval_days:"),
        ("code: AC-2", "code: AC-1", "trust.yaml: controls: 'AC-1' is there 2 times"),
        ("title: Draft", "title: New report", "trust.yaml: updates: 'New report' is there 2 times"),
        ("https://status.acme.test", "javascript:alert(1)", "trust.yaml: links[0]: url: must be an address"),
        ("https://initech.test/dpa", "ftp://x", "trust.yaml: subprocessors[0]: dpa_url:"),
        ("contact_url: https://acme.test/contact", "contact_url: 'javascript:x'", "settings: contactUrl:"),
        ("effective_from: 2026-02-01", "effective_from: soon", "subprocessors[0].effective_from:"),
        ("faq:", "faq: [", "trust.yaml: line 47, column 3: expected"),
        ("  sla_time: 14", "  sla_time: 14\n slug: x", "trust.yaml: line "),
        ("answer: In Norway.", "answer: *a", "trust.yaml: aliases (*name) are not taken"),
        ("In Norway.", '"a\\0b"', "faq[0]: answer: must not contain NUL"),
        # Its files.
        ("file: policy.pdf", "file: lost.pdf", "documents[0].file: the folder holds no file 'lost.pdf'"),
        ("file: policy.pdf", "file: ../policy.pdf", "documents[0].file: '../policy.pdf' lies outside"),
        ("file: policy.pdf", "file: /etc/hostname", "documents[0].file: '/etc/hostname' lies outside"),
        ("file: policy.pdf", "file: reports", "documents[0].file: the folder holds no file"),
        ("file: policy.pdf", "file: trust.yaml", "documents[0].file: trust.yaml: send a file of one of these kinds"),
        ("nda: nda.pdf", "nda: pictures/logo.png", "nda: logo.png: send a file of one of these kinds: pdf"),
        ("logo: pictures/logo.png", "logo: policy.pdf", "branding.logo: policy.pdf: send a file of one"),
        # What it says of the trust center.
        ("name: SOC 2 report}", "name: Other}", "frameworks[0].document: no SECURITY_REPORT document 'Other'"),
        ("nda: nda.pdf\n", "", "documents[1]: isPublic: a private document needs an NDA"),
        ("[Partner.test]", "['*.partner.test']", "preapproved.domains:"),
        ("[Bob@Initech.test]", "[bob]", "preapproved.addresses:"),
        ("type: POLICY", "type: SECURITY_REPORT\n    # same name", "documents"),
    ],
)
def test_a_fault_is_named_with_its_place_and_changes_nothing(
    acme: Account, folder: Folder, old: str, new: str, says: str
) -> None:
    folder.whole(old, new)
    if says == "documents":
        folder.write((folder.path / "trust.yaml").read_text().replace("Information security policy", "SOC 2 report"))
        says = "trust.yaml: documents: 'SECURITY_REPORT SOC 2 report' is there 2 times"
    before = kept(acme)

    assert says in folder.refused()
    assert kept(acme) == before
    assert acme.sql("select count(*) from files where account_id = %s") == [(0,)]


def test_a_slug_that_is_taken_is_refused(acme: Account, globex: Account, folder: Folder) -> None:
    settings(globex, slug=slug(acme))
    folder.whole()

    assert f"settings: slug: {slug(acme)} is taken" in folder.refused()
    assert managed(acme) == {}


def test_a_link_out_of_the_folder_is_not_followed(acme: Account, folder: Folder, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.pdf"
    outside.write_bytes(pdf("Secret"))
    folder.whole()
    (folder.path / "policy.pdf").unlink()
    (folder.path / "policy.pdf").symlink_to(outside)

    assert "lies outside" in folder.refused()


@pytest.mark.parametrize("content", [b"", b"no PDF at all"])
def test_a_file_that_is_not_what_it_says_is_refused(acme: Account, folder: Folder, content: bytes) -> None:
    folder.whole()
    folder.file("policy.pdf", content)

    assert "documents[0].file: " in folder.refused()


def test_a_file_that_is_too_large_is_refused(acme: Account, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTWRIGHT_MAX_FILE", "100")
    folder.whole()

    assert "must have from 1 to 100 bytes" in folder.refused()


@pytest.mark.parametrize("text", ["x: 1\n" + "#" * 1024 * 1024, "- a list", "just text", "", "\x07"])
def test_a_file_that_is_no_trust_center_is_refused(acme: Account, folder: Folder, text: str) -> None:
    folder.write(text)

    assert "trust.yaml" in folder.refused()


def test_a_file_that_is_nested_without_end_is_refused(acme: Account, folder: Folder) -> None:
    folder.write("faq: " + "[" * 100_000)

    assert "trust.yaml" in folder.refused()


def test_a_folder_without_its_file_is_refused(acme: Account, folder: Folder) -> None:
    assert "holds no trust.yaml" in folder.refused()


def test_a_stamp_that_cannot_be_put_on_is_a_fault_of_its_document(acme: Account, folder: Folder) -> None:
    nda(acme)
    folder.write(
        "documents: [{name: Signed, type: COMPLIANCE, visibility: ON_REQUEST, file: broken.pdf}]",
        **{"broken.pdf": b"%PDF-1.7\nbroken"},
    )

    assert "documents[0]: Signed: " in folder.refused()
    folder.write(
        "documents: [{name: Signed, type: COMPLIANCE, visibility: ON_REQUEST, mode: ORIGINAL, file: broken.pdf}]"
    )
    assert folder.bring()["added"] == ["document COMPLIANCE Signed"]
    folder.write("documents: [{name: Signed, type: COMPLIANCE, visibility: ON_REQUEST, file: broken.pdf}]")
    folder.file("broken.pdf", pdf("Whole again"))
    assert folder.bring()["changed"] == ["document COMPLIANCE Signed"]
    folder.write("documents: [{name: Signed, type: COMPLIANCE, visibility: PUBLIC, file: broken.pdf}]")
    folder.file("broken.pdf", b"%PDF-1.7\nbroken")
    assert folder.bring()["changed"] == ["document COMPLIANCE Signed"]


def test_the_example_of_the_documentation_can_be_imported(acme: Account, folder: Folder) -> None:
    text = (Path(__file__).parents[2] / "docs" / "trust-center-folder.md").read_text()
    example = text.partition("```yaml\n")[2].partition("```")[0].replace("slug: acme", f"slug: {slug(acme)}")
    pictures = {f"pictures/{name}.png": PNG for name in ("logo", "dark", "favicon")}
    folder.write(example, **pictures, **{"nda.pdf": FILES["nda.pdf"], "soc2.pdf": FILES["reports/soc2.pdf"]})

    folder.bring()

    assert folder.bring()["changed"] == []
    assert page(acme)["branding"]["primaryColor"] == "#1a73e8"
