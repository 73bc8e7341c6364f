// What coaches write about money: exact, and never something else than was meant.

import assert from "node:assert/strict";
import { test } from "node:test";

import { amountText, parseAmount, parsePercent } from "../../web/console/business/amounts.js";

test("an amount becomes minor units exactly, whichever sign parts it", () => {
  assert.equal(parseAmount("12.50", "USD"), 1250);
  assert.equal(parseAmount("12,5", "EUR"), 1250);
  assert.equal(parseAmount(" 49 ", "USD"), 4900);
  assert.equal(parseAmount("1500", "JPY"), 1500);
  assert.equal(parseAmount("1.005", "KWD"), 1005);
  // As floating points, 1.15 × 100 is 114.99999999999999 and 8.2 × 1000 is 8199.999999999998.
  assert.equal(parseAmount("1.15", "USD"), 115);
  assert.equal(parseAmount("90071992547409.91", "USD"), 9007199254740991);
});

test("what is no amount of the currency is none", () => {
  for (const text of ["", "12.345", "-1", "+1", "1e3", "12.5.0", "1,000.00", "ten", ".", ".5", "90071992547409.92"]) {
    assert.equal(parseAmount(text, "USD"), null, text);
  }
  assert.equal(parseAmount("1.5", "JPY"), null);
  assert.equal(parseAmount("12.500", "USD"), 1250, "noughts at the end say nothing");
});

test("an amount that is written out is read as the same", () => {
  for (const currency of ["USD", "JPY", "KWD"]) {
    for (const amount of [0, 1, 9, 10, 99, 100, 101, 12345, 10_000_000]) {
      assert.equal(parseAmount(amountText({ amount, currency }), currency), amount);
    }
  }
  assert.equal(amountText({ amount: 5, currency: "USD" }), "0.05");
});

test("a share is whole per cents", () => {
  assert.equal(parsePercent("20"), 20);
  assert.equal(parsePercent("100 %"), 100);
  for (const text of ["0", "101", "12.5", "", "-5", "x"]) assert.equal(parsePercent(text), null, text);
});
