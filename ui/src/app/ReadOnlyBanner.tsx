import { useAct, useDesk } from "./desk";
import { Button } from "../controls/controls";
import { t } from "../text/text";

/** Says on every page that another desk has this home open. */
export function ReadOnlyBanner() {
  const { backend } = useDesk();
  const again = useAct(() => backend.openAgain());
  return (
    <div className="read-only-banner" role="status" data-testid="read-only-banner">
      <span className="strong">{t.readOnly.banner}</span>
      <span className="explain">{t.readOnly.explain}</span>
      <Button look="quiet" disabled={again.isPending} data-testid="open-again" onClick={() => again.mutate(undefined)}>
        {t.readOnly.again}
      </Button>
    </div>
  );
}
