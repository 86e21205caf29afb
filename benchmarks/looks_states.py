"""What `benchmarks.looks` opens: each state of each page, who opens it, and what is pressed to come there.

Nothing here depends on the language of the page: what is pressed is found by its key, its role or its place.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Frame, Locator, Page

    Step = Callable[[Page], None]


@dataclass(frozen=True)
class State:
    """One state of one page.

    Attributes
    ----------
    name
        Of its pictures.
    who
        Of `benchmarks.looks_class.ACCOUNTS`; ``solo`` on a machine of one person, ``out`` for who is not signed in.
    address
        With ids of the class in braces, their dashes as underscores.
    steps
        What is done there before it is looked at.
    streamlit
        Whether it is a page of the app; others are documents of their own.
    file
        A file that was taken away, in place of an address.
    """

    name: str
    who: str
    address: str
    steps: tuple[Step, ...] = ()
    streamlit: bool = True
    file: str = ""


def press(selector: str, at: int = 0) -> Step:
    """Press what the selector finds: its first, or another one of them."""
    return lambda page: page.locator(selector).nth(at).click()


def keyed(key: str, at: int = 0) -> Step:
    """Press the button whose key begins so."""
    return press(f"[class*='st-key-{key}'] button", at)


def hit(key: str) -> Step:
    """Press a key of the keyboard."""
    return lambda page: page.keyboard.press(key)


def wait(seconds: float) -> Step:
    """Wait for what takes its time."""
    return lambda page: page.wait_for_timeout(1000 * seconds)


def write(selector: str, text: str) -> Step:
    """Write into a field."""
    return lambda page: page.locator(selector).first.fill(text)


def frame(page: Page) -> Frame:
    """The document within the page: a report, a review, a case."""
    for _ in range(100):
        with suppress(PlaywrightError):  # it was put in place of another one meanwhile
            for each in page.frames[1:]:
                named = "/page" in each.url or "/report" in each.url
                if named and each.evaluate("document.readyState") == "complete":
                    return each
        page.wait_for_timeout(300)
    raise LookupError("the page has no document within it")


def within(*steps: Callable[[Frame], object]) -> Step:
    """Do something in the document within the page."""

    def done(page: Page) -> None:
        inner = frame(page)
        for each in steps:
            each(inner)
            page.wait_for_timeout(400)

    return done


def reviewed(*keys: str) -> Step:
    """Press keys in the review, once it is ready; a space before a key is waited for."""

    def done(page: Page) -> None:
        inner = page.frame_locator("iframe")
        inner.locator("body[data-ready]").wait_for(state="attached")
        inner.locator("#inspector").focus()
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(500)

    return done


def beside(page: Page) -> None:
    """Wait for two attempts side by side."""
    page.frame_locator("iframe").locator("video").nth(1).wait_for()
    page.wait_for_timeout(1000)


def consent(page: Page) -> None:
    """Agree to the last sentence that is to be agreed to."""
    page.locator("[data-testid=stCheckbox] label").last.click()
    page.wait_for_timeout(600)


def main_button(page: Page) -> Locator:
    """The one thing to do on the page."""
    return page.locator(".stMain [data-testid=stBaseButton-primary]").first


def go_on(page: Page) -> None:
    """Press the one thing to do on the page."""
    main_button(page).click()


def unfold(page: Page) -> None:
    """Open everything that is folded."""
    for each in page.locator(".stMain summary").all():
        each.click()
        page.wait_for_timeout(300)


def rehearsed(page: Page) -> None:
    """From the choice of a scene to the check of camera and microphone."""
    consent(page)
    go_on(page)
    page.locator(".rehearsal").first.wait_for(timeout=60_000)
    page.locator(".rehearsal button:enabled").first.wait_for(timeout=60_000)
    page.wait_for_timeout(6000)


def sheet(page: Page) -> None:
    """Bring a list of people with faults in it."""
    head = "姓名,账号,部门,班组,角色\n".encode()
    rows = "张三,demo-1,综合窗口,,学员\n,zhang4,不存在的部门,,校长\n".encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": head + rows}
    )
    page.wait_for_timeout(1500)


def everything(inner: Frame) -> None:
    """Open all parts of a report."""
    inner.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def disagree(inner: Frame) -> None:
    """Open the form of an appeal."""
    inner.locator("button[data-criterion]").first.click()


def bring_what_is_none(page: Page) -> None:
    """Have something assessed that is no recording."""
    file = {"name": "接待.mp4", "mimeType": "video/mp4", "buffer": b"no film " * 4000}
    page.locator("input[type=file]").first.set_input_files(file)
    page.wait_for_timeout(1500)
    consent(page)
    go_on(page)
    page.wait_for_timeout(9000)


def sign_out(page: Page) -> None:
    """End the session as another tab would, then do something."""
    page.context.clear_cookies()
    page.locator(".stMain [data-testid=stBaseButton-primary]").first.click()
    page.wait_for_timeout(1500)


def wrongly(page: Page) -> None:
    """Sign in with a wrong password."""
    page.locator("input[name=account]").fill("demo-1")
    page.locator("input[name=password]").fill("wrong-password")
    page.locator("form button[type=submit], form button").first.click()
    page.wait_for_timeout(3000)


MORE = ".stMain [data-testid=stPopoverButton]:not(.st-key-bar *)"
REVIEW = "/review?recording={queued}"
BATCH = "/evaluate?batch={batch_done}&step=defend"

SIGNING_IN = (
    State("sign-in", "out", "/sign-in", streamlit=False),
    State("sign-in-out", "out", "/sign-in?said=out", streamlit=False),
    State("sign-in-wrong", "out", "/sign-in", (wrongly,), streamlit=False),
    State("sign-in-code", "out", "/sign-in/code", streamlit=False),
    State("account", "trainee", "/sign-in/account", streamlit=False),
    State("account-changed", "trainee", "/sign-in/account?said=changed", streamlit=False),
)
TRAINEE = (
    State("today", "trainee", "/today"),
    State("today-post", "fresh", "/today", (keyed("post-seated"),)),
    State("today-first", "private", "/today"),
    State("today-without-role", "nobody", "/"),
    State("person", "trainee", "/today", (keyed("person-of"),)),
    State("drill", "trainee", "/drill"),
    State("drill-consent", "private", "/drill?id=level_shoulders"),
    State("drill-one", "trainee", "/drill?id=level_shoulders", (consent, go_on, wait(6))),
    State("drill-take", "member", "/drill?id=level_shoulders", (consent, go_on, wait(6), hit("Space"), wait(9))),
    State("practise", "trainee", "/practise"),
    State("practise-more", "trainee", "/practise", (unfold,)),
    State("practise-check", "trainee", "/practise", (rehearsed,)),
    State("practise-calibrate", "member", "/practise", (rehearsed, press(".rehearsal button:enabled"))),
    State("assess", "trainee", "/assess"),
    State("assess-more", "trainee", "/assess", (unfold,)),
    State("assess-failed", "member", "/assess", (bring_what_is_none,)),
    State("recordings", "trainee", "/recordings"),
    State("recordings-none", "fresh", "/recordings"),
    State("recordings-more", "trainee", "/recordings", (press(MORE, -1),)),
    State("recordings-who", "trainee", "/recordings", (press(MORE),)),
    State("recordings-submit", "trainee", "/recordings", (keyed("submit-"),)),
    State("recordings-replay", "trainee", "/recordings", (press("[class*=st-key-replay-] label"),)),
    State("report", "trainee", "/assess?job={reviewed}", (within(),)),
    State("report-private", "trainee", "/assess?job={newest}", (within(),)),
    State("report-whole", "trainee", "/assess?job={submitted}", (within(everything),)),
    State("report-appeal", "trainee", "/assess?job={submitted}", (within(disagree),)),
    State("progress", "trainee", "/progress"),
    State("progress-none", "fresh", "/progress"),
    State("progress-pair", "trainee", "/progress", (press("[class*=st-key-pair-] label"),)),
    State("cases", "trainee", "/cases"),
    State("cases-none", "fresh", "/cases"),
    State("case-shown", "member", "/cases?case={case_shown}", (within(),)),
    State("case-asked", "trainee", "/cases?case={case_asked}", (within(),)),
    State("case-offer", "trainee", "/cases?propose={submitted}", (within(),)),
    State("missing", "trainee", "/nowhere"),
    State("not-theirs", "trainee", "/people"),
    State("of-somebody-else", "trainee", "/assess?job={queued}"),
    State("signed-out", "trainee", "/recordings", (sign_out,)),
)  # fmt: skip
TRAINER = (
    State("review", "trainer", "/review"),
    State("review-narrow", "trainer", "/review", (unfold,)),
    State("review-one", "trainer", REVIEW, (reviewed("n"),)),
    State("review-comments", "trainer", "/review?recording={reviewed}",
          (reviewed(), within(lambda inner: inner.locator("#tab-comments").click()))),
    State("review-reject", "trainer", REVIEW, (reviewed("n", "r"),)),
    State("review-change", "trainer", REVIEW, (reviewed("n", "e"),)),
    State("review-comment", "trainer", REVIEW, (reviewed("n", "c"),)),
    State("review-add", "trainer", REVIEW, (reviewed("n", "o"),)),
    State("review-keys", "trainer", REVIEW, (reviewed("?"),)),
    State("review-gold", "trainer", REVIEW, (reviewed("g"),)),
    State("review-send", "trainer", REVIEW, (reviewed("n", "a", "Enter"),)),
    State("review-appeal", "trainer", "/review?recording={submitted}", (reviewed("n"),)),
    State("review-blind", "trainer", "/review?recording={blind}", (reviewed("2", "3"),)),
    State("review-beside-choose", "trainer", "/review?recording={submitted}", (reviewed("v"),)),
    State("review-beside", "trainer", "/review?recording={submitted}",
          (reviewed("v"), wait(2), beside)),
    State("drift", "trainer", "/drift", (unfold,)),
    State("drift-none", "evaluator", "/drift"),
    State("cases-trainer", "trainer", "/cases"),
    State("case-trainer", "trainer", "/cases?case={case_shown}", (within(),)),
    State("case-propose", "trainer", "/cases?propose={queued}"),
    State("more-trainer", "trainer", "/review", (keyed("more-of"),)),
)  # fmt: skip
EVALUATOR = (
    State("evaluate", "evaluator", "/evaluate"),
    State("evaluate-none", "trainer", "/evaluate"),
    State("batch-empty", "evaluator", "/evaluate?batch={draft_empty}"),
    State("batch-faults", "evaluator", "/evaluate?batch={draft_faults}"),
    State("batch-ready", "evaluator", "/evaluate?batch={draft_ready}"),
    State("batch-ready-run", "evaluator", "/evaluate?batch={draft_ready}&step=run"),
    *(State(f"batch-{each}", "evaluator", f"/evaluate?batch={{batch_{each}}}&step=run")
      for each in ("waiting", "running", "stopped", "failed", "done")),
    State("marks", "evaluator", BATCH),
    State("marks-ranked", "evaluator", BATCH, (press("[class*=st-key-marks-ranked] label"), unfold)),
    State("marks-line", "evaluator", BATCH + "&line={line_open}"),
    State("marks-confirmed", "evaluator", BATCH + "&line={line_confirmed}"),
    State("marks-several", "evaluator", BATCH, (keyed("confirm-all"),)),
    State("batch-review", "evaluator", "/review?recording={line_recording}", (reviewed("n"),)),
    State("cohort-page", "evaluator", "/batch/{batch_done}/cohort.html?tz=Asia/Shanghai", streamlit=False),
    State("agreement-page", "evaluator", "/batch/{batch_done}/agreement.html?tz=Asia/Shanghai", streamlit=False),
    State("review-evaluator", "evaluator", "/review"),
)  # fmt: skip
ADMIN = (
    State("care", "admin", "/care"),
    State("people", "admin", "/people"),
    State("people-person", "admin", "/people?person={person}", (unfold,)),
    State("people-trainer", "admin", "/people?person={person_trainer}"),
    State("people-oneself", "admin", "/people?person={admin}"),
    State("people-cohorts", "admin", "/people?view=cohorts"),
    State("people-cohort", "admin", "/people?cohort={cohort}"),
    State("people-rules", "admin", "/people?view=rules"),
    State("people-list", "admin", "/people?view=list"),
    State("people-list-faults", "admin", "/people?view=list", (sheet,)),
    State("people-codes", "admin", "/people?view=codes"),
    State("people-codes-issued", "admin", "/people?view=codes", (go_on,)),
    State("audit", "admin", "/audit"),
    State("audit-none", "admin", "/audit", (write("[class*=st-key-trail-who] input", "没有这个人"), hit("Enter"))),
    State("drift-admin", "admin", "/drift"),
)  # fmt: skip
OTHERS = (
    State("exported", "out", "", streamlit=False, file="report"),
    State("exported-whole", "out", "", (lambda page: everything(page.main_frame),), streamlit=False, file="report"),
    State("solo-today", "solo", "/today"),
    State("solo-recordings", "solo", "/recordings"),
    State("solo-progress", "solo", "/progress"),
    State("solo-evaluate", "solo", "/evaluate"),
    State("solo-sample", "solo", "/today", (keyed("sample"), wait(3), within())),
    State("solo-recordings-one", "solo", "/recordings"),
    State("practise-live", "member", "/practise", (
        rehearsed, press(".rehearsal button:enabled"), wait(1.5),
        lambda page: page.locator(".rehearsal button:enabled").first.click(),
        lambda page: page.locator(".rehearsal[data-step=practise]").wait_for(timeout=40_000),
        wait(9))),
)  # fmt: skip
STATES = (*SIGNING_IN, *TRAINEE, *TRAINER, *EVALUATOR, *ADMIN, *OTHERS)
