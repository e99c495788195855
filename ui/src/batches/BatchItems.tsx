import type { BatchItemView, BatchView, Problem, Run } from "../backend/backend";
import { Amount } from "../controls/controls";
import { t } from "../text/text";
import { Why } from "./Why";
import { RequestStateMark } from "../requests/state";
import { Copy } from "../wizard/Instructions";

/** Every item with its state: the receipts of a batch. `run`: what was done here last; an item that can be tried again keeps no problem. */
export function BatchItems(props: { batch: BatchView; run?: Run | null; onItem?: (request: string) => void }) {
  const { batch, onItem, run } = props;
  const problemOf = (item: BatchItemView) => item.problem ?? run?.results.find((result) => result.request === item.request)?.problem ?? null;
  return (
    <section>
      <div className="items-head">
        <h4>{t.batches.receipts}</h4>
        <span className="muted small">
          {batch.counts.map((count) => `${t.requestState[count.state]} ${count.count}`).join(" · ")}
        </span>
        <span className="grow" />
        <Copy text={receipts(batch)} label={t.batches.copyReceipts} />
      </div>
      <table className="items">
        <thead>
          <tr>
            <th scope="col">{t.resources.columns.resource}</th>
            <th scope="col">{t.requests.columns.state}</th>
            <th scope="col">{t.wizard.refundOrderKnown}</th>
            <th scope="col" className="end">
              {t.wizard.predicted}
            </th>
            <th scope="col" className="end">
              {t.wizard.arrived}
            </th>
          </tr>
        </thead>
        <tbody>
          {batch.items.map((item) => (
            <Item key={item.request} item={item} problem={problemOf(item)} currency={batch.currency} onItem={onItem} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Item(props: { item: BatchItemView; problem: Problem | null; currency: string; onItem: ((request: string) => void) | undefined }) {
  const { item, problem, currency, onItem } = props;
  return (
    <>
      <tr data-testid={`batch-item-${item.resource}`} data-state={item.state}>
        <td>
          {onItem ? (
            <button type="button" className="link" onClick={() => onItem(item.request)}>
              {item.resource}
            </button>
          ) : (
            <span className="copyable">{item.resource}</span>
          )}
        </td>
        <td>
          <RequestStateMark state={item.state} />
        </td>
        <td className="copyable small">{item.refund_order ?? "–"}</td>
        <td className="end">
          <Amount amount={item.predicted} currency={currency} />
        </td>
        <td className="end">
          <Amount amount={item.arrived} currency={currency} />
        </td>
      </tr>
      {problem && (
        <tr className="item-problem" data-testid={`batch-problem-${item.resource}`} data-code={problem.code}>
          <td colSpan={5} className="small risk">
            <Why problem={problem} /> <span className="code">({problem.code})</span>
          </td>
        </tr>
      )}
    </>
  );
}

/** The receipts for a spreadsheet. */
function receipts(batch: BatchView): string {
  const lines = batch.items.map((item) => [item.resource, item.state, item.refund_order ?? "", batch.currency, item.predicted, item.arrived, item.request]);
  return lines.map((line) => line.join("\t")).join("\n");
}
