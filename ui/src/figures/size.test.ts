import { expect, test } from "vitest";
import { megabytes } from "./size";

test.each([
  ["0", "0.1 MiB"],
  ["5242880", "5.0 MiB"],
  ["11010048", "11 MiB"],
  ["5368709120", "5,120 MiB"],
])("%s bytes are %s", (bytes, told) => expect(megabytes(bytes)).toBe(told));
