// Which resources are selected: one by one, a range, or everything that the filters let through.

import { useCallback, useMemo, useRef, useState } from "react";
import type { ListedKey, ResourceQuery, ResourceRow } from "../backend/backend";
import { useDesk } from "../app/desk";
import { keyOf } from "./list";

export type Selected = ReadonlyMap<string, ListedKey>;

const NONE: Selected = new Map();

/** With one more, or with one less when it was there. */
export function toggled(selected: Selected, key: ListedKey): Selected {
  const next = new Map(selected);
  if (!next.delete(keyOf(key))) next.set(keyOf(key), key);
  return next;
}

/** With these besides. */
export function withAll(selected: Selected, keys: readonly ListedKey[]): Selected {
  return new Map([...selected, ...keys.map((key) => [keyOf(key), key] as const)]);
}

/** The selection over a query. Rows of a range need not have been read: the desk names them. */
export function useSelection(query: ResourceQuery) {
  const { backend, tellProblem } = useDesk();
  const [selected, setSelected] = useState<Selected>(NONE);
  /** Everything was selected, and there was more than a selection may hold. */
  const [cut, setCut] = useState(0);
  const anchor = useRef(0);
  const asked = useRef(query);
  asked.current = query;

  const take = useCallback(
    async (offset: number, limit: number) => {
      try {
        const { keys, total } = await backend.listKeys({ ...asked.current, offset, limit });
        setSelected((old) => withAll(old, keys));
        return { keys: keys.length, total };
      } catch (thrown) {
        tellProblem(thrown);
        return { keys: 0, total: 0 };
      }
    },
    [backend, tellProblem],
  );
  const acts = useMemo(
    () => ({
      toggle: (row: ResourceRow, index: number) => {
        anchor.current = index;
        setSelected((old) => toggled(old, { customer: row.customer, resource: row.resource }));
      },
      range: (index: number) => {
        const [first, last] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
        void take(first, last - first + 1);
      },
      all: () => void take(0, 0).then(({ keys, total }) => setCut(total > keys ? keys : 0)),
      anchor: (index: number) => {
        anchor.current = index;
      },
      set: (next: Selected) => {
        setCut(0);
        setSelected(next);
      },
    }),
    [take],
  );
  return { selected, cut, ...acts };
}
