import "./entry.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { type Backend, problemOf, type RestoredView } from "../backend/backend";
import { FailedState, LoadingState } from "../controls/controls";
import { t } from "../text/text";
import { FirstStart } from "./FirstStart";
import { Locked } from "./Locked";
import { NewHome } from "./NewHome";
import { RecoveryCode } from "./RecoveryCode";
import { Restored, RestoreHome } from "./RestoreHome";

/** What a new home is made for. */
export type Purpose = "connect" | "import";

/** How often the lock looks whether what was under way has ended. */
const LOCKING_MS = 500;

/**
 * Lets the desk be seen only while its home is open. When it is not, nothing that was read from it stays in the window.
 */
export function Gate(props: { backend: Backend; children: (opened: Purpose | null, newHome: (purpose: Purpose) => void) => ReactNode }) {
  const { backend } = props;
  const client = useQueryClient();
  const home = useQuery({
    queryKey: ["home"],
    queryFn: () => backend.home(),
    refetchInterval: (query) => (query.state.data?.state === "locking" ? LOCKING_MS : false),
  });
  useEffect(
    () => backend.onDeskChanged((subjects) => void (subjects.includes("home") && client.invalidateQueries({ queryKey: ["home"] }))),
    [backend, client],
  );
  const state = home.data?.state;
  useEffect(() => {
    if (state !== undefined && state !== "open") client.removeQueries({ predicate: (query) => query.queryKey[0] !== "home" });
  }, [client, state]);
  const [making, setMaking] = useState<Purpose | null>(null);
  const [code, setCode] = useState<string | null>(null);
  const [restoring, setRestoring] = useState(false);
  const [restored, setRestored] = useState<RestoredView | null>(null);
  const [opened, setOpened] = useState<Purpose | null>(null);

  if (code !== null) {
    return <RecoveryCode code={code} onKept={() => setCode(null)} />;
  }
  if (restored !== null) {
    return <Restored restored={restored} onGoOn={() => setRestored(null)} />;
  }
  if (home.isError) {
    return <FailedState title={t.app.openFailed} problem={problemOf(home.error)} onRetry={() => void home.refetch()} />;
  }
  if (!home.data) return <LoadingState label={t.app.opening} />;
  const read = () => void client.invalidateQueries({ queryKey: ["home"] });
  if (restoring) {
    const done = (told: RestoredView) => {
      setRestoring(false);
      setMaking(null);
      setRestored(told);
      read();
    };
    return <RestoreHome backend={backend} onRestored={done} onBack={() => setRestoring(false)} />;
  }
  if (making !== null) {
    const made = (printed: string | null) => {
      setOpened(making);
      setMaking(null);
      setCode(printed);
      read();
    };
    return <NewHome backend={backend} onMade={made} onRestore={() => setRestoring(true)} onBack={() => setMaking(null)} />;
  }
  switch (home.data.state) {
    case "first_start":
      return <FirstStart backend={backend} onMake={setMaking} onRestore={() => setRestoring(true)} />;
    case "locked":
    case "locking":
      return <Locked backend={backend} home={home.data} />;
    case "open":
      return <Open key={home.data.dir}>{props.children(opened, setMaking)}</Open>;
  }
}

/** Another home is another desk: nothing chosen in one is chosen in the other. */
function Open(props: { children: ReactNode }) {
  return props.children;
}
