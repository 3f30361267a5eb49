"""What axe-core, the accessibility rules as a program, finds on a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Whatever lies half below a bar that sticks to the window's edge is scrolled into view: it is as large as it is.
_BARS_IN_THE_FLOW = "document.querySelectorAll('.alert-next').forEach(each => each.style.position = 'static')"
_RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"], elementRef: false}).then(
  found => found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n").slice(1).join(" ").trim()}`)))"""


def violations(page: Page) -> list[str]:
    """One line each: the rule, where, and what to mend; empty for a page that is as it should be."""
    page.wait_for_load_state("load")  # a page that is still waiting for its style sheet has other sizes
    page.evaluate(_BARS_IN_THE_FLOW)
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN, list(TAGS))
    return found
