import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "../backend/backend";
import { useAct, useDesk, useReadOnly } from "../app/desk";
import { Button, ProblemCard, TextLine } from "../controls/controls";
import { t } from "../text/text";
import { Setting } from "./Part";

const PERCENT = /^\d{1,3}$/;

/** How much of the documented rates calls take at most. */
export function Pace() {
  const { backend } = useDesk();
  const client = useQueryClient();
  const readOnly = useReadOnly();
  const pace = useQuery({ queryKey: ["pace"], queryFn: () => backend.pace() });
  const [typed, setTyped] = useState<string | null>(null);
  const set = useAct((percent: number) => backend.setPace(percent), { writes: [], quiet: true });
  const shown = typed ?? (pace.data == null ? "" : String(pace.data));
  const wrong = shown !== "" && !PERCENT.test(shown);
  return (
    <Setting title={t.connections.pace} text={t.connections.paceText}>
      <TextLine
        label={t.connections.pacePercent}
        hint={wrong ? t.connections.paceWrong : pace.data == null ? t.connections.paceUsual : undefined}
        wrong={wrong}
        value={shown}
        onChange={setTyped}
        testId="pace"
      />
      <Button
        disabled={readOnly || shown === "" || wrong || set.isPending}
        data-testid="pace-keep"
        onClick={() =>
          set.mutate(Number(shown), {
            onSuccess: (kept) => {
              setTyped(null);
              client.setQueryData(["pace"], kept);
            },
          })
        }
      >
        {t.rail.noteKeep}
      </Button>
      {set.isError && <ProblemCard problem={problemOf(set.error)} />}
    </Setting>
  );
}
