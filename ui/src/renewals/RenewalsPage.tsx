import "./renewals.css";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import { type Ask, problemOf, type RenewalStack } from "../backend/backend";
import { useDesk, useNow, useReadOnly } from "../app/desk";
import { Amount, Button, EmptyState, FailedState, FilterLine, LoadingState } from "../controls/controls";
import { OfflineNote } from "../controls/Offline";
import { UndoBar, useUndo } from "../controls/Undo";
import { Joined } from "../controls/Foreign";
import { keyOf } from "../resources/list";
import { t } from "../text/text";
import { RenewalPanel } from "./RenewalPanel";
import { Timeline } from "./Timeline";

/** Height of a stack in the list, in px; renewals.css draws it so. */
const STACK_PX = 58;

/** Unsubscribe Renewal That Does Not Take Effect: each resource's stack of renewals as a timeline, one by one or many at once. */
export function RenewalsPage() {
  const { backend, customer, chosen, choose, openWizard } = useDesk();
  const now = useNow() ?? "";
  const readOnly = useReadOnly();
  const [text, setText] = useState("");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // The Updated Expiration Time that was picked for a stack; without one all its pending renewals fall.
  const [picks, setPicks] = useState<Readonly<Record<string, string>>>({});
  const undo = useUndo();
  const read = useQuery({ queryKey: ["renewals", customer], queryFn: () => backend.renewals(customer) });
  const word = text.trim().toLowerCase();
  const all = read.data ?? [];
  const stacks = all.filter((stack) => stack.resource.toLowerCase().includes(word) || stack.product.toLowerCase().includes(word));
  const picked = all.find((stack) => chosen !== null && keyOf(stack) === keyOf(chosen)) ?? null;
  const can = stacks.filter((stack) => stack.candidates.length > 0);
  const taken = all.filter((stack) => selected.has(keyOf(stack)));
  const asks = (): Ask[] =>
    taken.map((stack) => ({
      customer: stack.customer,
      resource: stack.resource,
      action: "cancel_renewals",
      expires: picks[keyOf(stack)] ?? stack.candidates[0]?.expires ?? null,
    }));
  const toggle = (stack: RenewalStack) =>
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(keyOf(stack))) next.add(keyOf(stack));
      return next;
    });
  const clear = () => {
    const before = selected;
    setSelected(new Set());
    undo.offer(t.resources.unselected({ count: before.size }), () => setSelected(before));
  };
  return (
    <main className="page">
      <section className="page-main">
        <OfflineNote />
        <div className="page-head">
          <div className="row">
            <h1>{t.renewals.title}</h1>
          </div>
          <div className="row" role="search">
            <FilterLine label={t.renewals.filter} value={text} onChange={setText} testId="renewal-filter" />
            <span className="muted small">{read.data && t.resources.count({ count: stacks.length })}</span>
          </div>
        </div>
        {read.isPending && <LoadingState label={t.renewals.listLabel} />}
        {read.isError && (
          <FailedState title={t.renewals.failed} problem={problemOf(read.error)} onRetry={() => void read.refetch()} />
        )}
        {read.data && all.length === 0 && <EmptyState title={t.renewals.empty} next={t.renewals.emptyNext} />}
        {all.length > 0 && stacks.length === 0 && (
          <EmptyState title={t.resources.empty} next={t.renewals.noMatchNext} action={<Button onClick={() => setText("")}>{t.resources.clear}</Button>} />
        )}
        {stacks.length > 0 && (
          <StackList
            stacks={stacks}
            now={now}
            withCustomer={customer === null}
            chosen={picked && keyOf(picked)}
            selected={selected}
            picks={picks}
            onChoose={(stack) => choose({ customer: stack.customer, resource: stack.resource })}
            onToggle={toggle}
          />
        )}
        <UndoBar done={undo.done} onForget={undo.forget} />
        {taken.length > 0 && (
          <div className="selection-bar" role="region" aria-label={t.resources.selectionLabel} data-testid="selection-bar">
            <span className="strong" data-testid="selection-count" data-count={taken.length}>
              {t.resources.selected({ count: taken.length, total: can.length })}
            </span>
            <span className="grow" />
            {taken.length < can.length && (
              <Button look="quiet" data-testid="select-all" onClick={() => setSelected(new Set(can.map(keyOf)))}>
                {t.resources.selectAll({ count: can.length })}
              </Button>
            )}
            <Button look="quiet" data-testid="select-none" onClick={clear}>
              {t.resources.selectNone}
            </Button>
            <Button look="primary" disabled={readOnly} title={readOnly ? t.resources.readOnly : undefined} data-testid="plan-open" onClick={() => openWizard({ plan: asks() })}>
              {t.renewals.plan}
            </Button>
          </div>
        )}
      </section>
      <aside className="page-side" aria-label={t.renewals.choose}>
        {picked ? (
          <RenewalPanel
            key={keyOf(picked)}
            stack={picked}
            now={now}
            picked={picks[keyOf(picked)] ?? null}
            onPick={(expires) => setPicks({ ...picks, [keyOf(picked)]: expires })}
          />
        ) : (
          <EmptyState title={t.inspector.nothing} next={t.renewals.chooseHint} />
        )}
      </aside>
    </main>
  );
}

function StackList(props: {
  stacks: readonly RenewalStack[];
  now: string;
  withCustomer: boolean;
  chosen: string | null;
  selected: ReadonlySet<string>;
  picks: Readonly<Record<string, string>>;
  onChoose: (stack: RenewalStack) => void;
  onToggle: (stack: RenewalStack) => void;
}) {
  const { stacks } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: stacks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => STACK_PX,
    overscan: 8,
    initialRect: { width: 800, height: 600 },
    useFlushSync: false,
  });
  return (
    <div className="stacks" ref={scroller}>
      <ul aria-label={t.renewals.listLabel} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const stack = stacks[index];
          if (stack === undefined) return null;
          const key = keyOf(stack);
          return (
            <li key={key} className="stack-line" style={{ transform: `translateY(${start}px)` }}>
              <input
                type="checkbox"
                className="take-box"
                checked={props.selected.has(key)}
                disabled={stack.candidates.length === 0}
                aria-label={t.resources.selectOne({ resource: stack.resource })}
                data-testid={`renewal-select-${stack.resource}`}
                onChange={() => props.onToggle(stack)}
              />
              <StackRow
                stack={stack}
                now={props.now}
                withCustomer={props.withCustomer}
                chosen={key === props.chosen}
                picked={props.selected.has(key) ? (props.picks[key] ?? stack.candidates[0]?.expires ?? null) : null}
                onChoose={() => props.onChoose(stack)}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function StackRow(props: {
  stack: RenewalStack;
  now: string;
  withCustomer: boolean;
  chosen: boolean;
  picked: string | null;
  onChoose: () => void;
}) {
  const { stack, picked } = props;
  const candidate = stack.candidates.find((one) => one.expires === picked) ?? stack.candidates[0];
  return (
    <button type="button" className="stack" aria-pressed={props.chosen} data-testid={`renewal-row-${stack.resource}`} onClick={props.onChoose}>
      <span className="stack-head">
        <span className="strong cut">{stack.resource}</span>
        <span className="muted cut"><Joined parts={[stack.product, props.withCustomer && stack.customer_name]} /></span>
        <span className="grow" />
        {candidate ? (
          <span className="nowrap">
            <span className="muted small">{t.renewals.pending({ count: stack.pending.length })} </span>
            <Amount className="returns" amount={candidate.refund} currency={stack.currency} />
          </span>
        ) : (
          <span className="refused small">{t.renewals.none}</span>
        )}
      </span>
      <Timeline stack={stack} now={props.now} picked={picked} />
    </button>
  );
}
