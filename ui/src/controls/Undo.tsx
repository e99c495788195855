import { useEffect, useState } from "react";
import { t } from "../text/text";
import { Button } from "./controls";

type Done = { text: string; undo: () => void; key: number };

let serial = 0;

/** What was just done and can be undone: shown until the next such thing, and undone by its button or Ctrl-Z. */
export function useUndo() {
  const [done, setDone] = useState<Done | null>(null);
  const offer = (text: string, undo: () => void) => {
    serial += 1;
    setDone({ text, undo, key: serial });
  };
  return { done, offer, forget: () => setDone(null) };
}

export function UndoBar(props: { done: Done | null; onForget: () => void }) {
  const { done, onForget } = props;
  useEffect(() => {
    if (done === null) return;
    const keys = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input:not([type=checkbox]), textarea") !== null;
      if (typing || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      done.undo();
      onForget();
    };
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  }, [done, onForget]);
  return (
    <div className="undo" role="status">
      {done && (
        <div className="undo-bar" data-testid="undo-bar">
          <span>{done.text}</span>
          <Button
            look="quiet"
            data-testid="undo"
            onClick={() => {
              done.undo();
              onForget();
            }}
          >
            {t.table.undo} <kbd>Ctrl Z</kbd>
          </Button>
          <Button look="quiet" aria-label={t.problem.dismiss} onClick={onForget}>
            ×
          </Button>
        </div>
      )}
    </div>
  );
}
