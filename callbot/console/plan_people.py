"""When and on which numbers one person is called: schedule, holds, consents, numbers, tags; and what was learned of hours."""

from collections.abc import Callable
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from callbot.console.access import note
from callbot.console.plan_base import PlanPages
from callbot.console.read_form import BadForm, Form, chosen, clock, day, start_of, text, whole, window
from callbot.listen.pause_model import own_pauses
from callbot.people.consent import ConsentKind
from callbot.people.hearing_aid import LOUDNESS, SPEEDS, HearingAid
from callbot.people.hold import HOLD_KO, HoldReason
from callbot.people.numbers import Relation, masked, national, parse_number
from callbot.schedule.window import Window, read_window
from callbot.store import console_people, console_plan, learned_rows
from callbot.store.console_people_views import PersonCard
from callbot.store.habit_rows import aid_for, pauses_known
from callbot.store.people_rows import addressee, consents_of
from callbot.store.programme_rows import programme_rows
from callbot.store.schedule_rows import ScheduleRow, all_tags, number_lines, schedule_of, tags_of
from callbot.workflows.change_habits import change_habits
from callbot.workflows.change_numbers import edit_number, edit_script, edit_tags, new_number
from callbot.workflows.change_schedule import change_schedule, decide_hour
from callbot.workflows.hold_person import extend_hold, give_consent, hold_person, withdraw_consent

RHYTHMS = {
    "week": "매주",
    "second_week": "2주마다",
    "third_week": "3주마다",
    "fourth_week": "4주마다",
    "days": "며칠마다",
}
EVERY_WEEKS = {"week": 1, "second_week": 2, "third_week": 3, "fourth_week": 4}
HOLDS = {reason: HOLD_KO[reason] for reason in HoldReason}
MOST_TAGS = 10


def read_schedule(given: Form, old: ScheduleRow, today: date, programme: Window | None) -> ScheduleRow:
    """From the form. Raises BadForm."""
    rhythm = chosen(given, "rhythm", "주기", tuple(RHYTHMS))
    weekdays = tuple(sorted({int(each) for each in given.get("weekday", ()) if each in set("1234567")}))
    if rhythm != "days" and not weekdays:
        raise BadForm("요일을 하나 이상 골라 주세요.")
    every_days = whole(given, "every_days", "며칠마다", 1, 60) if rhythm == "days" else None
    hours = window(given, "window", "통화 가능 시간", programme)
    starts_on, ends_on = day(given, "starts_on", "시작일"), day(given, "ends_on", "종료일")
    if starts_on and ends_on and ends_on < starts_on:
        raise BadForm("종료일이 시작일보다 늦어야 합니다.")
    every_weeks = EVERY_WEEKS.get(rhythm, 1)
    counts = every_weeks > 1 or every_days is not None
    same = (old.every_weeks, old.every_days) == (every_weeks, every_days)
    kept = old.counted_from if same else None
    return ScheduleRow(
        id=old.id,
        weekdays=weekdays or old.weekdays,
        every_weeks=every_weeks,
        every_days=every_days,
        preferred_time=f"{clock(given, 'time', '희망 시각'):%H:%M}",
        window_from=f"{hours.opens:%H:%M}" if hours else None,
        window_until=f"{hours.closes:%H:%M}" if hours else None,
        counted_from=(kept or starts_on or today) if counts else None,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _choices(words: dict[float, str], present: float) -> list[tuple[str, str]]:
    """What may be chosen, and what is: a list may have brought another value."""
    return [(f"{value:g}", word) for value, word in sorted(({present: f"{present:g}"} | words).items())]


class PersonPlanPages(PlanPages):
    """The endpoints."""

    def edit(self, request: Request) -> Response:
        """Everything on one page."""
        person = self._person(request)
        note(self.deps, request, "view_person_plan", subject="person", subject_id=person.row.who.id)
        return self._page(request, person)

    async def schedule(self, request: Request) -> Response:
        """Rhythm, time, hours, first and last day."""

        def act(given: Form) -> None:
            person_id = self._id(request)
            with self.deps.store.read() as connection:
                old = schedule_of(connection, person_id)
                programme = programme_rows(connection, console_plan.programme_of(connection, person_id))[0]
            hours = read_window(programme.window_from, programme.window_until)
            new = read_schedule(given, old, self.today(), hours)
            change_schedule(self.deps.store, person_id, new, self.now(), self.holidays(), by=self.by(request))

        return await self._change(request, act, "schedule")

    async def hold(self, request: Request) -> Response:
        """Nobody calls, from a day to a day."""

        def act(given: Form) -> None:
            reason = HoldReason(chosen(given, "reason", "까닭", tuple(HOLDS)))
            starts, ends = day(given, "starts_on", "시작일"), day(given, "until", "다시 거는 날")
            first = starts if starts and starts > self.today() else None
            if ends is not None and ends <= (first or self.today()):
                raise BadForm("다시 거는 날은 시작일(또는 오늘)보다 뒤여야 합니다.")
            hold_person(
                self.deps.store,
                self._id(request),
                reason,
                self.now(),
                starts_at=start_of(first) if first else None,
                until=start_of(ends) if ends else None,
                by=self.by(request),
                note=text(given, "note", most=500) or None,
            )

        return await self._change(request, act, "hold")

    async def extend(self, request: Request) -> Response:
        """Another end."""

        def act(given: Form) -> None:
            ends = day(given, "until", "다시 거는 날")
            if ends is not None and ends <= self.today():
                raise BadForm(
                    "다시 거는 날은 오늘보다 뒤여야 합니다. 바로 다시 걸려면 ‘안부전화 다시 시작’을 누르세요."
                )
            until = start_of(ends) if ends else None
            extend_hold(self.deps.store, self._id(request), until, self.now(), by=self.by(request))

        return await self._change(request, act, "extend")

    async def consent(self, request: Request) -> Response:
        """Given or withdrawn, one kind at a time, with where it is written down."""

        def act(given: Form) -> None:
            kind = ConsentKind(chosen(given, "kind", "동의", tuple(ConsentKind)))
            words = text(given, "note", "근거", most=200)
            change = give_consent if text(given, "what") == "give" else withdraw_consent
            change(self.deps.store, self._id(request), self.now(), [kind], by=self.by(request), note=words)

        return await self._change(request, act, "consent")

    async def add_number(self, request: Request) -> Response:
        """The person's own, a guardian's, a neighbour's."""

        def act(given: Form) -> None:
            relation = Relation(chosen(given, "relation", "누구의 번호", tuple(Relation)))
            name = text(given, "contact_name", "" if relation is Relation.SELF else "보호자·이웃의 이름", most=40)
            e164 = parse_number(text(given, "phone", "전화번호"))
            new_number(
                self.deps.store,
                self._id(request),
                e164,
                self.now(),
                relation=relation,
                contact_name=name or None,
                by=self.by(request),
            )

        return await self._change(request, act, "number")

    async def edit_number(self, request: Request) -> Response:
        """First, given up, or taken up again."""

        def act(given: Form) -> None:
            what = chosen(given, "what", "할 일", ("first", "off", "on"))
            number_id: int = request.path_params["number_id"]
            if not edit_number(self.deps.store, self._id(request), number_id, what, self.now(), by=self.by(request)):
                raise HTTPException(404)

        return await self._change(request, act, "number")

    async def tags(self, request: Request) -> Response:
        """Words for filters."""

        def act(given: Form) -> None:
            found = tuple(dict.fromkeys(each.strip() for each in text(given, "tags").split(",") if each.strip()))
            if len(found) > MOST_TAGS or any(len(each) > 20 for each in found):  # noqa: PLR2004 - a word, not a text
                raise BadForm("꼬리표는 10개까지, 하나는 20자까지 쓸 수 있습니다. 쉼표로 나누어 적어 주세요.")
            edit_tags(self.deps.store, self._id(request), found, self.now(), by=self.by(request))

        return await self._change(request, act, "tags")

    async def talk(self, request: Request) -> Response:
        """How slowly and loudly the person is spoken to; their pauses, forgotten."""

        def act(given: Form) -> None:
            speed = float(chosen(given, "speed", "말 빠르기", tuple(f"{each:g}" for each in SPEEDS)))
            louder_db = float(chosen(given, "louder_db", "소리 크기", tuple(f"{each:g}" for each in LOUDNESS)))
            aid, forget = HearingAid(speed, louder_db), text(given, "forget") == "yes"
            change_habits(self.deps.store, self._id(request), aid, self.now(), by=self.by(request), forget=forget)

        return await self._change(request, act, "talk")

    async def script(self, request: Request) -> Response:
        """Another script than the programme's, or the programme's again."""

        def act(given: Form) -> None:
            name = chosen(given, "script", "대본", ("", *self.deps.scripts)) or None
            edit_script(self.deps.store, self._id(request), name, self.now(), by=self.by(request))

        return await self._change(request, act, "script")

    async def hour(self, request: Request) -> Response:
        """A proposed hour: accepted or declined."""

        def act(given: Form) -> None:
            hour = whole(given, "hour", "시", 0, 23)
            accepted = text(given, "what") == "accept"
            person_id = self._id(request)
            decide_hour(
                self.deps.store, person_id, hour, self.now(), self.holidays(), accepted=accepted, by=self.by(request)
            )

        return await self._change(request, act, "hour")

    # -- the inside ----------------------------------------------------------------------------------------------------

    async def _change(self, request: Request, act: Callable[[Form], None], done: str) -> Response:
        person_id: int = request.path_params["person_id"]

        def acting(given: Form) -> str:
            act(given)
            return f"/people/{person_id}/plan?done={done}#{done}"

        def again(problem: str, given: Form) -> Response:
            return self._page(request, self._person(request), problem=problem, given=given, status=400)

        return await self.change(request, acting, again, action=f"edit_{done}", subject="person", subject_id=person_id)

    def _id(self, request: Request) -> int:
        """Of a person in scope. Raises HTTPException."""
        return self._person(request).row.who.id

    def _person(self, request: Request) -> PersonCard:
        scope = self.scope(request)
        with self.deps.store.read() as connection:
            person = console_people.person(connection, scope, request.path_params["person_id"], self.now())
        if person is None:
            raise HTTPException(404)
        return person

    def _page(
        self,
        request: Request,
        person: PersonCard,
        *,
        problem: str = "",
        given: Form | None = None,
        status: int = 200,
    ) -> Response:
        person_id, now = person.row.who.id, self.now()
        with self.deps.store.read() as connection:
            schedule = schedule_of(connection, person_id)
            numbers = [
                (line, national(line.e164) if line.relation is Relation.SELF else masked(line.e164))
                for line in number_lines(connection, person_id)
            ]
            known_tags = all_tags(connection)
            tags = tags_of(connection, person_id)
            programme = programme_rows(connection, console_plan.programme_of(connection, person_id))[0]
            third_party = ConsentKind.THIRD_PARTY in consents_of(connection, person_id, now)
            proposed = learned_rows.proposals(connection, self.scope(request), now, person_id=person_id)
            own_script = addressee(connection, person_id).script_name
            aid, own = aid_for(connection, person_id), own_pauses(pauses_known(connection, person_id))
        rhythm = "days" if schedule.every_days else {n: word for word, n in EVERY_WEEKS.items()}[schedule.every_weeks]
        return self.page(
            request,
            "person_plan.html",
            status=status,
            problem=problem,
            given=given or {},
            person=person,
            who=person.row.who,
            schedule=schedule,
            rhythm=rhythm,
            rhythms=RHYTHMS,
            numbers=numbers,
            tags=tags,
            known_tags=known_tags,
            programme=programme,
            third_party=third_party,
            proposed=proposed,
            aid=aid,
            own_pauses=own,
            speeds=_choices(SPEEDS, aid.speed),
            loudness=_choices(LOUDNESS, aid.louder_db),
            hold_reasons=HOLDS,
            own_script=own_script or "",
            script_options=[
                ("", f"사업의 대본 ({programme.script_name})"),
                *((name, name) for name in self.deps.scripts),
            ],
            tomorrow=(self.today() + timedelta(days=1)).isoformat(),
        )
