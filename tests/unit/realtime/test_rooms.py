"""Rooms, against sets."""

from types import SimpleNamespace
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from socketio import AsyncServer

from realtime.engine.manager import Manager, Phase, Socket
from realtime.engine.session import Session

NAMESPACES, ROOMS = ("/", "/live"), ("red", "blue", 3, None)
_namespaces, _rooms = st.sampled_from(NAMESPACES), st.sampled_from(ROOMS)


def a_manager() -> Manager:
    server: Any = AsyncServer(async_mode="aiohttp")
    manager = Manager()
    manager.set_server(server)
    return manager


class Rooms(RuleBasedStateMachine):
    """Clients come, enter, leave, and go; the model is a set of rooms for each client."""

    def __init__(self) -> None:
        super().__init__()
        self.manager = a_manager()
        self.sessions = [Session(SimpleNamespace(), str(number)) for number in range(3)]  # type: ignore[arg-type]
        self.model: dict[str, tuple[Socket, set[Any]]] = {}

    @rule(number=st.integers(0, 2), namespace=_namespaces)
    def come(self, number: int, namespace: str) -> None:
        session = self.sessions[number]
        there = namespace in session.sockets
        socket = self.manager.add(session, namespace)
        assert (socket is None) == there
        if socket is not None:
            self.model[socket.sid] = socket, set()

    @precondition(lambda self: self.model)
    @rule(data=st.data(), room=_rooms)
    def enter(self, data: st.DataObject, room: Any) -> None:
        sid = data.draw(st.sampled_from(list(self.model)))
        socket, rooms = self.model[sid]
        self.manager.basic_enter_room(sid, socket.namespace, room)
        if room is not None:
            rooms.add(room)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), room=_rooms)
    def leave(self, data: st.DataObject, room: Any) -> None:
        sid = data.draw(st.sampled_from(list(self.model)))
        socket, rooms = self.model[sid]
        self.manager.basic_leave_room(sid, socket.namespace, room)
        rooms.discard(room)

    @rule(namespace=_namespaces, room=st.sampled_from(ROOMS[:-1]))
    def close(self, namespace: str, room: Any) -> None:
        self.manager.basic_close_room(room, namespace)
        for socket, rooms in self.model.values():
            if socket.namespace == namespace:
                rooms.discard(room)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        socket, _ = self.model.pop(data.draw(st.sampled_from(list(self.model))))
        self.manager.remove(socket)
        self.manager.remove(socket)
        assert socket.phase is Phase.GONE

    @invariant()
    def members_are_those_of_the_model(self) -> None:
        for namespace in NAMESPACES:
            here = {
                sid: rooms for sid, (socket, rooms) in self.model.items() if socket.namespace == namespace
            }
            assert set(self.manager.members(namespace, None)) == set(here)
            for room in ROOMS[:-1]:
                assert set(self.manager.members(namespace, room)) == {
                    sid for sid, rooms in here.items() if room in rooms
                }
            either = {sid for sid, rooms in here.items() if rooms & {"red", "blue"}}
            assert set(self.manager.members(namespace, ["red", "blue"])) == either
            for sid in here:
                assert set(self.manager.members(namespace, sid)) == {sid}

    @invariant()
    def clients_know_their_rooms(self) -> None:
        for sid, (socket, rooms) in self.model.items():
            assert self.manager.get(sid, socket.namespace) is socket
            assert set(self.manager.get_rooms(sid, socket.namespace)) == {sid} | rooms
            assert socket.session.sockets[socket.namespace] is socket

    @invariant()
    def nothing_empty_is_kept(self) -> None:
        assert all(members for rooms in self.manager.rooms.values() for members in rooms.values())
        assert set(self.manager.rooms) == {socket.namespace for socket, _ in self.model.values()}


TestRooms = Rooms.TestCase
TestRooms.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
