import { describe, expect, test } from "vitest";
import { formatAmount, formatMoney, isAmountText, isZero, sameAmount, sumAmounts } from "./money";

describe("formatAmount", () => {
  test.each([
    // amount, currency, shown
    ["0", "USD", "0.00"],
    ["563.01", "USD", "563.01"],
    ["563.1", "USD", "563.10"],
    ["1020.00", "USD", "1,020.00"],
    ["1234567.8", "CNY", "1,234,567.80"],
    ["100", "JPY", "100"],
    ["1234567", "JPY", "1,234,567"],
    // More digits than a double holds: every one is kept.
    ["9007199254740993.07", "USD", "9,007,199,254,740,993.07"],
    // Digits beyond the minor unit are never rounded away; zeros there are.
    ["0.005", "USD", "0.005"],
    ["12.3400", "USD", "12.34"],
    ["5.50", "JPY", "5.5"],
    ["-28.01", "USD", "\u221228.01"],
    ["0007.5", "USD", "7.50"],
    // Not a decimal: shown as it came.
    ["n/a", "USD", "n/a"],
    ["1e3", "USD", "1e3"],
  ])("%s %s -> %s", (amount, currency, shown) => {
    expect(formatAmount(amount, currency)).toBe(shown);
  });

  test("stands after its currency", () => {
    expect(formatMoney("1020.5", "USD")).toBe("USD 1,020.50");
  });
});

test.each([
  ["0", true],
  ["0.00", true],
  ["-0.00", true],
  ["0.001", false],
  ["10", false],
  ["", false],
])("isZero(%j) is %s", (amount, zero) => {
  expect(isZero(amount)).toBe(zero);
});

test.each([
  ["563.1", "563.10", true],
  ["0563.10", "563.1", true],
  ["563", "563.00", true],
  ["0", "-0.00", true],
  ["563.01", "563.1", false],
  ["-1", "1", false],
  // Equal as doubles, different as amounts.
  ["9007199254740993", "9007199254740992", false],
  ["x", "x", false],
])("sameAmount(%j, %j) is %s", (left, right, same) => {
  expect(sameAmount(left, right)).toBe(same);
});

test.each([
  ["563.01", true],
  [" 563 ", true],
  ["", false],
  ["-1", false],
  ["1,020.00", false],
  ["1.", false],
  ["1e3", false],
  ["12345678901", false],
])("isAmountText(%j) is %s", (text, accepted) => {
  expect(isAmountText(text)).toBe(accepted);
});

test.each([
  [[], "0"],
  [["1.10", "2.2"], "3.30"],
  [["0.1", "0.2"], "0.3"],
  [["9007199254740993.07", "0.01"], "9007199254740993.08"],
  [["1.00", "-2.5"], "-1.50"],
  [["5", "x"], "5"],
])("sumAmounts(%j) is %s", (amounts, sum) => {
  expect(sumAmounts(amounts)).toBe(sum);
});
