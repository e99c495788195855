import type { Ask } from "../backend/backend";
import { useDesk, useReadOnly, useRequests } from "../app/desk";
import { Button } from "../controls/controls";
import { t } from "../text/text";

/** States in which a review is simply made anew. */
const REVIEWED_ANEW = ["reviewed", "returned_to_review"];

/** The one thing to do with a resource: begin, or carry on with the request that is open on it. */
export function BeginOrContinue(props: { ask: Ask; request: string | null; label: string; disabled: boolean }) {
  const { openWizard } = useDesk();
  const readOnly = useReadOnly();
  const requests = useRequests(props.ask.customer);
  const open = requests.data?.find((request) => request.id === props.request) ?? null;
  if (open !== null && !REVIEWED_ANEW.includes(open.state)) {
    return (
      <Button look="primary" tall wide disabled={readOnly} data-testid="request-continue" onClick={() => openWizard({ request: open })}>
        {t.inspector.continue}
      </Button>
    );
  }
  const unread = props.request !== null && open === null && requests.isPending;
  return (
    <Button
      look="primary"
      tall
      wide
      disabled={props.disabled || unread || readOnly}
      data-testid="unsubscribe-open"
      onClick={() => openWizard({ ask: props.ask })}
    >
      {props.label}
    </Button>
  );
}
