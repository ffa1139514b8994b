"""Paths of the 일정 section."""

from starlette.routing import BaseRoute, Route

from callbot.console.deps import ConsoleDeps
from callbot.console.plan_campaigns import CampaignPages
from callbot.console.plan_ladders import LadderPages
from callbot.console.plan_lists import PlanLists
from callbot.console.plan_people import PersonPlanPages
from callbot.console.plan_programmes import ProgrammePages
from callbot.console.render import Pages

POST = ["POST"]


def planning_routes(deps: ConsoleDeps, pages: Pages) -> list[BaseRoute]:
    """Each needs a log-in; who may do what is asked by the pages themselves."""
    lists, person = PlanLists(deps, pages), PersonPlanPages(deps, pages)
    programmes, ladders, campaigns = ProgrammePages(deps, pages), LadderPages(deps, pages), CampaignPages(deps, pages)
    one = "/people/{person_id:id}/plan"
    return [
        Route("/plan", lists.hub),
        Route("/plan/holds", lists.holds),
        Route("/plan/hours", lists.hours),
        Route(one, person.edit, methods=["GET"]),
        Route(f"{one}/schedule", person.schedule, methods=POST),
        Route(f"{one}/hold", person.hold, methods=POST),
        Route(f"{one}/extend", person.extend, methods=POST),
        Route(f"{one}/consent", person.consent, methods=POST),
        Route(f"{one}/numbers", person.add_number, methods=POST),
        Route(f"{one}/numbers/{{number_id:id}}", person.edit_number, methods=POST),
        Route(f"{one}/script", person.script, methods=POST),
        Route(f"{one}/tags", person.tags, methods=POST),
        Route(f"{one}/talk", person.talk, methods=POST),
        Route(f"{one}/hour", person.hour, methods=POST),
        Route("/plan/programmes/{programme_id:id}", programmes.edit, methods=["GET"]),
        Route("/plan/programmes/{programme_id:id}", programmes.save, methods=POST),
        Route("/plan/programmes/{programme_id:id}/days", programmes.own_day, methods=POST),
        Route("/plan/ladders", ladders.list),
        Route("/plan/ladders/default", ladders.edit, methods=["GET"]),
        Route("/plan/ladders/default", ladders.save, methods=POST),
        Route("/plan/ladders/{ladder_id:id}", ladders.edit, methods=["GET"]),
        Route("/plan/ladders/{ladder_id:id}", ladders.save, methods=POST),
        Route("/plan/campaigns", campaigns.list),
        Route("/plan/campaigns/new", campaigns.new, methods=["GET"]),
        Route("/plan/campaigns/new", campaigns.draft, methods=POST),
        Route("/plan/campaigns/{campaign_id:id}", campaigns.one, methods=["GET"]),
        Route("/plan/campaigns/{campaign_id:id}/start", campaigns.start, methods=POST),
        Route("/plan/campaigns/{campaign_id:id}/stop", campaigns.stop, methods=POST),
    ]
