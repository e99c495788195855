import { useEffect } from "react";
import { useDesk } from "./desk";
import { useStable } from "./stable";

/** Leads to the order of a link that was opened, now or before the window was there. */
export function LinkFollower() {
  const { backend } = useDesk();
  const follow = useFollow();
  useEffect(() => {
    void backend.takeLink().then((order) => order !== null && follow(order));
    return backend.onLink((order) => {
      void backend.takeLink();
      follow(order);
    });
    // Once for each window: `follow` always does the same.
  }, [backend, follow]);
  return null;
}

/** Goes to where an order is: its resource, or the history for a refund order or a resource that is gone. */
export function useFollow(): (order: string) => void {
  const { backend, chooseCustomer, choose, chooseRefund, goTo, tellProblem } = useDesk();
  return useStable((order: string) => {
    backend.locate(order).then((found) => {
      chooseCustomer(found.customer);
      if (found.resource !== null && !found.refund) {
        choose({ customer: found.customer, resource: found.resource });
        goTo("resources");
      } else {
        chooseRefund(found.refund ? found.order : null);
        goTo("history");
      }
    }, tellProblem);
  });
}
