import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../app/App";
import type { Backend, RequestView } from "../backend/backend";
import { mockDesk } from "../backend/mock/mock";

let desk: Backend;
let request: RequestView;

const by = (id: string) => screen.findByTestId(id);
const click = async (id: string) => userEvent.click(await by(id));

/** A cancellation whose resource was unsubscribed elsewhere, chosen on its page. */
beforeEach(async () => {
  desk = mockDesk(0);
  const stack = (await desk.renewals(null)).find((one) => one.candidates.length > 0);
  if (!stack) throw new Error("the mock desk has no pending renewal");
  const expires = stack.candidates[0]?.expires ?? null;
  const review = await desk.review({ customer: stack.customer, resource: stack.resource, action: "cancel_renewals", expires });
  request = {
    ...review.request,
    state: "part_refunded",
    arrived: "10.00",
    moves: ["ask_again", "choose_refund", "close"],
    endings: ["unsubscribed_elsewhere", "settled_otherwise", "not_coming"],
    refunds_to_choose: [
      { refund_order: "21000017", amount: "20.00", arrived: "20.00", refunded_at: review.request.created_at, orders: ["11"] },
    ],
  };
  vi.spyOn(desk, "requests").mockImplementation(async () => [request]);
  render(<App backend={desk} />);
  await click("nav-requests");
  await click(`request-row-${request.id}`);
});
afterEach(cleanup);

test("a refund order of the resource can be chosen as the request's own", async () => {
  const choose = vi.spyOn(desk, "chooseRefund").mockResolvedValue(request);
  await click("choose-21000017");
  expect(choose).toHaveBeenCalledWith(request.id, "21000017");
});

test("what was unsubscribed elsewhere closes without a word, anything else needs one", async () => {
  const close = vi.spyOn(desk, "closeRequest").mockResolvedValue(request);
  await click("ending-not_coming");
  expect(await by("ending-close")).toHaveProperty("disabled", true);
  await userEvent.type(await by("ending-note"), "the ticket says so");
  await click("ending-close");
  expect(close).toHaveBeenLastCalledWith(request.id, "not_coming", "the ticket says so");
  await userEvent.clear(await by("ending-note"));
  await click("ending-unsubscribed_elsewhere");
  await click("ending-close");
  expect(close).toHaveBeenLastCalledWith(request.id, "unsubscribed_elsewhere", "");
});

test("a closed request tells how it ended and the difference", async () => {
  cleanup();
  const closed = { ending: "not_coming", note: "given up", expected: "30.00", arrived: "10.00", difference: "-20.00", elsewhere: [] } as const;
  request = { ...request, state: "closed", moves: [], endings: [], refunds_to_choose: [], closed: { ...closed, elsewhere: [] } };
  render(<App backend={desk} />);
  await click("nav-requests");
  await click(`request-row-${request.id}`);
  expect((await by("closed-difference")).getAttribute("data-amount")).toBe("-20.00");
  expect(await screen.findByText("given up")).toBeTruthy();
  expect(screen.queryByTestId("ending-close")).toBeNull();
});
