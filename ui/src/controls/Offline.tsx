import { useCustomers, useDesk, useNow } from "../app/desk";
import { ageText } from "../app/CustomerRail";
import { t } from "../text/text";

/** Failures of a sync that mean: nobody could be reached. */
const UNREACHED = ["bss_transport", "bss_timeout"];

/** True for a problem that only says that the network is away. */
export const isOffline = (code: string | undefined): boolean => code !== undefined && UNREACHED.includes(code);

/** Offline is a state, not an error: what is shown is as old as it says, and nothing is lost. */
export function OfflineNote() {
  const { customer } = useDesk();
  const now = useNow();
  const away = (useCustomers().data ?? []).filter((row) => (customer === null || row.id === customer) && isOffline(row.sync_error?.code));
  const first = away[0];
  if (first === undefined || now === null) return null;
  return (
    <p className="offline-note" role="status" data-testid="offline-note">
      {t.requests.offline({ name: away.map((row) => row.name).join(", "), age: first.synced_at === null ? t.rail.neverSynced : ageText(first.synced_at, now) })}
    </p>
  );
}
