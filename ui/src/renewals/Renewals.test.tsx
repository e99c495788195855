import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../app/App";
import { mockDesk } from "../backend/mock/mock";

afterEach(cleanup);
const click = async (id: string) => userEvent.click(await screen.findByTestId(id));

test("the Updated Expiration Time that is picked is the one that is asked for", async () => {
  const desk = mockDesk(0);
  const stack = (await desk.renewals(null)).find((one) => one.candidates.length > 1);
  const [first, second] = stack?.candidates ?? [];
  if (!stack || !first || !second) throw new Error("the mock desk has no stack of two renewals");
  const review = vi.spyOn(desk, "review");
  render(<App backend={desk} />);
  await click("nav-renewals");
  await click(`renewal-row-${stack.resource}`);
  expect(await screen.findByTestId("unsubscribe-open")).toHaveProperty("disabled", true);

  await click(`candidate-${first.expires}`);
  expect((await screen.findByTestId("renewal-refund")).dataset.amount).toBe(first.refund);
  await click(`candidate-${second.expires}`);
  expect((await screen.findByTestId("renewal-refund")).dataset.amount).toBe(second.refund);

  await click("unsubscribe-open");
  await screen.findByTestId("wizard-next");
  expect(review).toHaveBeenCalledWith({
    customer: stack.customer,
    resource: stack.resource,
    action: "cancel_renewals",
    expires: second.expires,
  });
});

test("a renewal alone asks for one box and offers the console only", async () => {
  const desk = mockDesk(0);
  const stack = (await desk.renewals(null)).find((one) => one.candidates.length > 0);
  if (!stack) throw new Error("the mock desk has no pending renewal");
  render(<App backend={desk} />);
  await click("nav-renewals");
  await click(`renewal-row-${stack.resource}`);
  await click(`candidate-${stack.candidates[0]?.expires}`);
  await click("unsubscribe-open");
  await click("wizard-next");
  await click("settle-none-apply");
  await screen.findByTestId("box-amount");
  expect(screen.queryByTestId("box-backup")).toBeNull();
  expect(screen.queryByTestId("channel-console")).not.toBeNull();
  expect(screen.queryByTestId("channel-api")).toBeNull();
});
