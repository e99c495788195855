import type { DiscountStep, DiscountTable } from "../backend/backend";
import { Button } from "../controls/controls";
import { formatCalendarDate, formatInstant } from "../figures/time";
import { t } from "../text/text";

/** The tables that were entered, with their steps and where they come from. */
export function DiscountList(props: { tables: readonly DiscountTable[]; onChange: (table: DiscountTable) => void }) {
  return (
    <div className="discounts-list" role="table" aria-label={t.settings.listLabel}>
      <div className="discounts-row head" role="row">
        <span role="columnheader">{t.settings.columns.product}</span>
        <span role="columnheader">{t.settings.columns.steps}</span>
        <span role="columnheader">{t.settings.columns.source}</span>
        <span role="columnheader" />
      </div>
      {inOrder(props.tables).map((table) => (
        <Entry key={`${table.product}/${table.from ?? ""}`} table={table} onChange={() => props.onChange(table)} />
      ))}
    </div>
  );
}

/** By product, and in the order in which the tables begin to hold: the one that always does comes first. */
function inOrder(tables: readonly DiscountTable[]): DiscountTable[] {
  const key = (table: DiscountTable) => `${table.product} ${table.from ?? ""}`;
  return [...tables].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function Entry(props: { table: DiscountTable; onChange: () => void }) {
  const { table } = props;
  return (
    <div className="discounts-row" role="row" data-testid={`discounts-table-${table.product}`} data-from={table.from ?? ""}>
      <span role="cell">
        <span className="strong break">{table.product}</span>
        <span className="small muted block">
          {table.from === null ? t.settings.fromAlways : t.settings.fromDay({ day: formatCalendarDate(table.from) })}
        </span>
      </span>
      <span role="cell">
        {table.steps.length === 0 && t.settings.noDiscount}
        {table.steps.map((step) => (
          <span key={begin(step)} className="discounts-step">
            <span className="muted">{begin(step)}</span>
            <span>{step.factor}</span>
          </span>
        ))}
      </span>
      <span role="cell">
        <span className="copyable break">{table.source}</span>
        {table.entered_at !== null && (
          <span className="small muted block">{t.settings.entered({ when: formatInstant(table.entered_at) })}</span>
        )}
      </span>
      <span role="cell">
        <Button look="quiet" onClick={props.onChange}>
          {t.settings.change}
        </Button>
      </span>
    </div>
  );
}

function begin(step: DiscountStep): string {
  return step.from_day === null ? t.settings.stepPercent({ percent: step.from_percent ?? "" }) : t.settings.stepDay({ day: step.from_day });
}
