import { expect, test } from "vitest";
import { fits, roomOf } from "./room";

test.each([
  [559, { none: true, small: false, medium: false, wide: false }],
  [560, { none: true, small: true, medium: false, wide: false }],
  [720, { none: true, small: true, medium: true, wide: false }],
  [979.5, { none: true, small: true, medium: true, wide: false }],
  [980, { none: true, small: true, medium: true, wide: true }],
])("a list of %d px", (width, shown) => {
  const room = roomOf(width);
  expect({ none: fits(undefined, room), small: fits("small", room), medium: fits("medium", room), wide: fits("wide", room) }).toEqual(shown);
});
