"""The paths of cases as a list, of the links in pages, and of what a supervisor keeps in order."""

from starlette.routing import BaseRoute, Route

from callbot.console.case_list import CaseListPages
from callbot.console.deps import ConsoleDeps
from callbot.console.incoming import IncomingPages
from callbot.console.office import OfficePages
from callbot.console.page_link import LinkPages
from callbot.console.policies import PolicyPages
from callbot.console.render import Pages
from callbot.console.roster import RosterPages
from callbot.console.rule_report import RuleReportPages
from callbot.console.rules import RulePages
from callbot.console.sms_trial import SmsTrialPages
from callbot.console.texts import TextPages
from callbot.console.workload import WorkloadPages


def paging_routes(deps: ConsoleDeps, pages: Pages) -> list[BaseRoute]:
    """For `app.routes`."""
    links, cases, office = LinkPages(deps, pages), CaseListPages(deps, pages), OfficePages(deps, pages)
    roster, policies, texts = RosterPages(deps, pages), PolicyPages(deps, pages), TextPages(deps, pages)
    work, trial = WorkloadPages(deps, pages), SmsTrialPages(deps, pages)
    return [
        Route("/p/{token}", links.show, methods=["GET"]),
        Route("/p/{token}", links.answer, methods=["POST"]),
        Route("/cases", cases.show, methods=["GET"]),
        Route("/cases/{case_id:id}/decline", cases.decline, methods=["POST"]),
        Route("/cases/{case_id:id}/reassign", cases.reassign, methods=["POST"]),
        Route("/incoming", IncomingPages(deps, pages).show, methods=["GET"]),
        Route("/office", office.show, methods=["GET"]),
        Route("/roster", roster.show, methods=["GET"]),
        Route("/roster", roster.change, methods=["POST"]),
        Route("/policies", policies.show, methods=["GET"]),
        Route("/policies", policies.save, methods=["POST"]),
        Route("/texts", texts.show, methods=["GET"]),
        Route("/texts/{name}", texts.one, methods=["GET"]),
        Route("/texts/{name}", texts.save, methods=["POST"]),
        Route("/texts/{name}/check", texts.check, methods=["POST"]),
        Route("/paging", work.paging, methods=["GET"]),
        Route("/paging", work.set_paging, methods=["POST"]),
        Route("/workload", work.show, methods=["GET"]),
        *rule_routes(deps, pages),
        Route("/sms", trial.show, methods=["GET"]),
        Route("/sms", trial.send, methods=["POST"]),
    ]


def rule_routes(deps: ConsoleDeps, pages: Pages) -> list[BaseRoute]:
    """판단 규칙."""
    rules, report = RulePages(deps, pages), RuleReportPages(deps, pages)
    return [
        Route("/rules", rules.every, methods=["GET"]),
        Route("/rules/report", report.show, methods=["GET"]),
        Route("/rules/new", rules.new, methods=["GET"]),
        Route("/rules/new", rules.save, methods=["POST"]),
        Route("/rules/{rule}", rules.one, methods=["GET"]),
        Route("/rules/{rule}", rules.save, methods=["POST"]),
        Route("/rules/{rule}/versions/{version:id}", rules.decide, methods=["POST"]),
    ]
