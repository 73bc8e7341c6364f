"""An operator says that somebody may pay, or go online."""

import pytest

from adapters.mongo.client import MongoDatabase
from bootstrap.embedded import StoreUris
from bootstrap.settings import Settings
from bootstrap.verify import verify
from domain.accounts.account import Role
from domain.accounts.registration import Application
from tests.support.house import House

EMAIL = "ada@example.org"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, store_uris: StoreUris) -> Settings:
    monkeypatch.setenv("MONGODB_URI", store_uris.mongodb_uri)
    return Settings()


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.CLIENT, f"{EMAIL} is verified."),
        (Role.COACH, f"{EMAIL} is verified, and so is the coach's profile."),
    ],
)
async def test_a_verified_person_is_so_in_every_role_however_often_it_is_said(
    house: House, mongo: MongoDatabase, settings: Settings, role: Role, said: str
) -> None:
    await house.register(Application(EMAIL, "a-long-password", "Ada", role))
    await house.register(Application("other@example.org", "a-long-password", "Other", Role.COACH))
    heard: list[str] = []

    await verify(settings, " Ada@Example.org", heard.append)
    await verify(settings, EMAIL, heard.append)

    verified = [row["email"] async for row in mongo["accounts"].find({"email_verified": True})]
    coaches = await mongo["coaches"].count_documents({"verified": True})
    assert heard == [said, said]
    assert verified == [EMAIL]
    assert coaches == [Role.CLIENT, Role.COACH].index(role)


async def test_an_unknown_address_is_said_to_be_unknown(house: House, settings: Settings) -> None:
    with pytest.raises(ValueError, match="no account with the address nobody"):
        await verify(settings, "nobody@example.org", print)
