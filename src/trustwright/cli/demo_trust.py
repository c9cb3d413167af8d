"""The demo account's trust center: a folder with PDFs made on the spot, brought in, and visitors who ask."""

from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

from trustwright.access_requests import actions as requests
from trustwright.access_requests.model import Approval, NewRequest
from trustwright.cli.demo_store import PastVisitor, add_past_requests
from trustwright.cli.trust import import_folder
from trustwright.db import Database, Tx, Who
from trustwright.settings import Settings
from trustwright.trust.actions import documents_of_workspace
from trustwright.trust.model import DocumentType, ExpirationType, FlowType
from trustwright.trust_page.actions import controls_of, note_result

TEXTS = {
    "nda.pdf": ("Non-disclosure agreement", "What you are shown here you keep to yourself and use for your decision."),
    "soc2.pdf": ("SOC 2 Type 2 report", "In our opinion the controls were suitably designed and operated effectively."),
    "pentest.pdf": ("Penetration test, summary", "Two findings of medium severity; both were mended and tested again."),
    "iso27001.pdf": ("ISO/IEC 27001:2022", "This certifies the management system of Northwind Health ASA."),
    "policy.pdf": ("Information security policy", "Everybody guards what patients entrust to us."),
    "incidents.pdf": ("Incident response plan", "Who finds something tells the duty officer at once."),
}
PAGES = 3
SLUG = "northwind-health"

# Address, first name, last name, company, and what was decided: days of access, 0 for a refusal, None for nothing yet.
VISITORS = (
    ("mona.lind@fjord-clinics.example", "Mona", "Lind", "Fjord Clinics", None),
    ("theo.marsh@halden-insurance.example", "Theo", "Marsh", "Halden Insurance", 90),
    ("ruth.okafor@cityhospital.example", "Ruth", "Okafor", "City Hospital", None),
    ("sam@lookaround.example", "Sam", "Doe", "Lookaround", 0),
)

# Of the weeks before, each in the way of one of today's.
APPROVED, DENIED = "theo.marsh@halden-insurance.example", "sam@lookaround.example"
PAST_VISITORS = [
    PastVisitor(79, 30, "li.wei@harbourhospital.example", "Li", "Wei", "Harbour Hospital", APPROVED),
    PastVisitor(70, 4.5, "carla.reyes@medsupply.example", "Carla", "Reyes", "MedSupply", APPROVED),
    PastVisitor(66, 52, "press@dailynotice.example", "Max", "Roth", "Daily Notice", DENIED),
    PastVisitor(51, 3, "hanna.berg@westclinics.example", "Hanna", "Berg", "West Clinics", APPROVED),
    PastVisitor(50, 26, "omar.said@westclinics.example", "Omar", "Said", "West Clinics", APPROVED),
    PastVisitor(37, 7, "j.novak@insurely.example", "Jana", "Novak", "Insurely", APPROVED),
    PastVisitor(30, 1.5, "amara.obi@cityhospital.example", "Amara", "Obi", "City Hospital", APPROVED),
    PastVisitor(29, 9, "tender@statecare.example", "Eva", "Lang", "State Care", APPROVED),
    PastVisitor(16, 20, "p.dubois@halden-insurance.example", "Paul", "Dubois", "Halden Insurance", APPROVED),
    PastVisitor(9, 2, "nosy@rivalhealth.example", "Nick", "Osy", "Rival Health", DENIED),
    PastVisitor(8, 5, "grace.kim@medsupply.example", "Grace", "Kim", "MedSupply", APPROVED),
]


async def fill_trust_center(database: Database, settings: Settings, who: Who, workspace_id: int) -> None:
    """Brings the folder in and has visitors ask. Under `who` the decisions are made."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = files("trustwright.cli").joinpath("northwind", "trust.yaml")
        # No two accounts have the same slug, and there may be a demo account already.
        slug = SLUG if who.account_id == 1 else f"{SLUG}-{who.account_id}"
        (folder / "trust.yaml").write_text(source.read_text().replace(f"slug: {SLUG}\n", f"slug: {slug}\n"))
        for file, (title, sentence) in TEXTS.items():
            write_pdf(folder / file, title, sentence)
        await import_folder(database, settings, who, workspace_id, folder)
    async with database.begin(who) as tx:
        for place, control in enumerate(await controls_of(tx, workspace_id)):
            if control.interval_days is not None:
                await note_result(tx, control.id, is_passing=place != 1, checked_at=tx.now - timedelta(hours=place))
        await _visit(tx, workspace_id, settings)


async def _visit(tx: Tx, workspace_id: int, settings: Settings) -> None:
    report = next(each for each in await documents_of_workspace(tx, workspace_id) if each.name.startswith("SOC 2"))
    for email, first_name, last_name, company, days in VISITORS:
        new = NewRequest(
            email=email,
            first_name=first_name,
            last_name=last_name,
            company=company,
            accepts_terms=True,
            flow_type=FlowType.SELF,
            documents=[(DocumentType.SECURITY_REPORT, report.id)],
        )
        request = await requests.submit(tx, workspace_id, new, settings, is_public=True)
        if days:
            approval = Approval(expiration=days, expiration_type=ExpirationType.DAYS, is_new_expiration=False)
            await requests.approve(tx, request.request_id, approval, settings)
        elif days == 0:
            await requests.deny(tx, request.request_id, settings)
    await add_past_requests(tx, PAST_VISITORS)


def write_pdf(path: Path, title: str, sentence: str) -> None:
    """A document of a few pages."""
    styles = getSampleStyleSheet()
    story = []
    for number in range(1, PAGES + 1):
        story += [Paragraph(title, styles["Title"]), Spacer(1, 24), Paragraph(sentence, styles["BodyText"])]
        story += [Spacer(1, 12), Paragraph(f"Page {number} of {PAGES}. Northwind Health ASA.", styles["BodyText"])]
        story += [PageBreak()] if number < PAGES else []
    SimpleDocTemplate(str(path), title=title).build(story)
