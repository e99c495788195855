import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { ResourceRow } from "../backend/backend";
import { useDesk, useReadOnly } from "../app/desk";
import { Amount, Button } from "../controls/controls";
import { t } from "../text/text";
import { asText, asTsv, copyLater } from "./copy";
import type { Selected } from "./selection";

/** How many are selected, what they give back, and what can be done with them. */
export function SelectionBar(props: {
  selected: Selected;
  total: number;
  /** Above 0: everything was wanted, and so many is the most that a selection holds. */
  cut: number;
  onAll: () => void;
  onClear: () => void;
}) {
  const { selected, total, cut } = props;
  const { backend, openWizard } = useDesk();
  const readOnly = useReadOnly();
  const keys = [...selected.values()];
  const sum = useQuery({ queryKey: ["resources", "selection-sum", keys], queryFn: () => backend.selectionSum(keys) });
  const asks = () => keys.map((key) => ({ ...key, action: "unsubscribe" as const, expires: null }));
  return (
    <div className="selection-bar" role="region" aria-label={t.resources.selectionLabel} data-testid="selection-bar">
      <span className="strong" data-testid="selection-count" data-count={keys.length}>
        {t.resources.selected({ count: keys.length, total })}
      </span>
      {sum.data?.map((money) => (
        <Amount key={money.currency} className="returns" amount={money.amount} currency={money.currency} />
      ))}
      {cut > 0 && <span className="risk small">{t.resources.cut({ count: cut })}</span>}
      <span className="grow" />
      {keys.length < total && cut === 0 && (
        <Button look="quiet" data-testid="select-all" onClick={props.onAll}>
          {t.resources.selectAll({ count: total })} <kbd>Ctrl A</kbd>
        </Button>
      )}
      <CopyMenu rows={() => backend.listedKeys(keys)} />
      <Button look="quiet" data-testid="select-none" onClick={props.onClear}>
        {t.resources.selectNone} <kbd>Esc</kbd>
      </Button>
      <Button look="primary" disabled={readOnly} title={readOnly ? t.resources.readOnly : undefined} data-testid="plan-open" onClick={() => openWizard({ plan: asks() })}>
        {t.resources.plan}
      </Button>
    </div>
  );
}

function CopyMenu(props: { rows: () => Promise<ResourceRow[]> }) {
  const [told, setTold] = useState<string | null>(null);
  const copy = (form: string) => {
    const make = form === "tsv" ? asTsv : asText;
    copyLater(props.rows().then(make)).then(
      () => setTold(t.wizard.copied),
      () => setTold(t.wizard.copyFailed),
    );
  };
  return (
    <MenuTrigger>
      <AriaButton className="button quiet" data-testid="copy-open">
        <span aria-live="polite">{told ?? t.resources.copy}</span>
      </AriaButton>
      <Popover className="popover">
        <Menu className="menu" aria-label={t.resources.copy} onAction={(key) => copy(String(key))}>
          <MenuItem id="text" className="menu-item">
            {t.resources.copyText}
          </MenuItem>
          <MenuItem id="tsv" className="menu-item">
            {t.resources.copyTsv}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
