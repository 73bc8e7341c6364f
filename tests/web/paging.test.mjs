// Lists that the server gives in pages.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Paging } from "../../web/console/paging.js";
import { settle } from "./support.mjs";

/** A server with rows, two to a page; `hold()` keeps its answers back until what it gave is called. */
function server(rows) {
  let gate = Promise.resolve();
  const asked = [];
  return {
    rows,
    asked,
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => (open = resolve));
      return open;
    },
    async read(cursor) {
      asked.push(cursor);
      const begin = cursor ? rows.findIndex((row) => row.id === cursor) + 1 : 0;
      const items = rows.slice(begin, begin + 2);
      const nextCursor = begin + 2 < rows.length ? items.at(-1).id : undefined;
      await gate;
      return { items, nextCursor };
    },
  };
}

const rowsOf = (...ids) => ids.map((id) => ({ id }));
const idOf = (row) => row.id;
const ids = (list) => list.items.map(idOf).join("");

test("page follows page until there is none", async () => {
  const { read } = server(rowsOf("a", "b", "c"));
  const list = new Paging(read, idOf);

  await list.next();
  const [first, more] = [ids(list), list.more];
  await list.next();

  assert.deepEqual([first, more, ids(list), list.more], ["ab", true, "abc", false]);
});

test("two pieces of news at once show no row twice", async () => {
  const { read } = server(rowsOf("a", "b", "c"));
  const list = new Paging(read, idOf);
  await list.next();

  await Promise.all([list.again(), list.again()]);

  assert.equal(ids(list), "ab");
});

test("reading anew keeps as many pages as were open", async () => {
  const house = server(rowsOf("b", "c", "d", "e"));
  const list = new Paging(house.read, idOf);
  await list.next();
  await list.next();

  house.rows.unshift({ id: "a" });
  await list.again();

  assert.deepEqual([ids(list), list.more], ["abcd", true]);
});

test("what is shown stays until all that is new is there, and if it cannot be read", async () => {
  const house = server(rowsOf("a", "b", "c"));
  let broken = false;
  const list = new Paging((cursor) => (broken ? Promise.reject(new Error("offline")) : house.read(cursor)), idOf);
  await list.next();
  const open = house.hold();

  const again = list.again();
  await settle();
  const meanwhile = ids(list);
  open();
  await again;
  broken = true;

  await assert.rejects(list.again(), /offline/);
  assert.deepEqual([meanwhile, ids(list), list.more], ["ab", "ab", true]);
  broken = false;
  await list.next();
  assert.equal(ids(list), "abc");
});

test("what comes while its page is on the way is there once", async () => {
  const house = server(rowsOf("a", "b"));
  const list = new Paging(house.read, idOf);
  const open = house.hold();

  const first = list.next();
  list.add({ id: "a" });
  list.add({ id: "a" });
  open();
  await first;

  assert.equal(ids(list), "ab");
});

test("rows can be changed where they are", async () => {
  const list = new Paging(server(rowsOf("a", "b")).read, idOf);
  await list.next();

  list.change((row) => ({ ...row, read: row.id === "b" }));

  assert.deepEqual(list.items, [{ id: "a", read: false }, { id: "b", read: true }]);
});
