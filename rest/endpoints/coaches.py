"""Finding a coach."""

from pydantic import Field

from domain.accounts.profiles import CoachCard, CoachSearch, CoachSort, Profiles
from domain.coaching.coach import Status
from domain.errors import Code
from domain.ids import UserId
from rest.payloads import Amount, Cursor, Instant, Language, PageSize, Query, Reply, Topic
from rest.registry import Call, endpoint, member


class CoachQuery(Query):
    """Filters, order and place in the list."""

    status: Status | None = Field(default=None, description="Only coaches who are this right now.")
    language: Language | None = None
    expertise: Topic | None = Field(default=None, description="Exactly this topic.")
    text: Topic | None = Field(default=None, description="Words in name, headline, bio or expertise.")
    sort: CoachSort = CoachSort.NEWEST
    cursor: Cursor | None = None
    limit: PageSize = 20


class CoachView(Reply):
    """What everybody sees of a coach."""

    user_id: str
    coach_id: str
    name: str
    avatar_url: str | None = None
    headline: str
    bio: str
    expertise: list[str]
    languages: list[str]
    years_of_experience: int | None = None
    rating_average: float | None = None
    rating_count: int
    rate_per_minute: Amount
    status: Status
    since: Instant | None = Field(default=None, description="Since when the coach is in this status.")

    @classmethod
    def of(cls, card: CoachCard) -> "CoachView":
        coach = card.coach
        return cls(
            user_id=coach.user_id,
            coach_id=coach.id,
            name=card.name,
            avatar_url=card.avatar_url,
            headline=coach.headline,
            bio=coach.bio,
            expertise=coach.expertise,
            languages=coach.languages,
            years_of_experience=coach.years_of_experience,
            rating_average=coach.rating_average,
            rating_count=coach.rating_count,
            rate_per_minute=Amount.of(coach.rate_per_minute),
            status=card.status,
            since=coach.status_since,
        )


class CoachPage(Reply):
    """One page of coaches."""

    items: list[CoachView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class Coaches:
    """Coaches as others see them."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    @endpoint("GET", "/api/coaches", may=member, query=CoachQuery, reply=CoachPage)
    async def list_coaches(self, call: Call[None, CoachQuery]) -> CoachPage:
        """List verified coaches.

        Watch them over the socket (`coach_status_watch`) to see their status change.
        """
        query = call.query
        search = CoachSearch(
            seeker=call.who.user_id,
            status=query.status,
            language=query.language,
            expertise=query.expertise,
            text=query.text,
            sort=query.sort,
            cursor=query.cursor,
            limit=query.limit,
        )
        cards, cursor = await self._profiles.search(search)
        return CoachPage(items=[CoachView.of(card) for card in cards], next_cursor=cursor)

    @endpoint("GET", "/api/coaches/{userId}/profile", may=member, reply=CoachView, errors=(Code.NOT_FOUND,))
    async def get_coach(self, call: Call[None, None]) -> CoachView:
        """Read a coach's profile."""
        return CoachView.of(await self._profiles.of_coach(call.who, UserId(call.path["userId"])))
