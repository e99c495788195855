import { useState } from "react";
import { type FileAsk, type ImportReport, type KindAsk, problemOf } from "../backend/backend";
import { useAct, useCustomers, useDesk, useReadOnly } from "../app/desk";
import { Choice } from "../controls/Choice";
import { Button, EmptyState, ProblemCard } from "../controls/controls";
import { FileLine } from "../controls/FileLine";
import { Foreign, Joined } from "../controls/Foreign";
import { formatInstant } from "../figures/time";
import { foreign } from "../text/foreign";
import { refusal } from "../text/refusals";
import { t } from "../text/text";
import { Part } from "./Part";

const ZONES = ["+08:00", "+00:00"] as const;
const KINDS: readonly (KindAsk | null)[] = [null, "orders", "bill"];

/** Files of the console for the chosen customer: looked at first, mended where a column was not understood, then taken. */
export function Import() {
  const { customer } = useDesk();
  const name = useCustomers().data?.find((row) => row.id === customer)?.name;
  const title = <Joined parts={[t.settings.parts.import, name]} />;
  return (
    <Part title={title} text={t.import.text}>
      {customer === null ? <EmptyState title={t.settings.choose} next={t.import.chooseNext} /> : <Steps key={customer} customer={customer} />}
    </Part>
  );
}

function Steps(props: { customer: string }) {
  const { backend } = useDesk();
  const readOnly = useReadOnly();
  const [ask, setAsk] = useState<FileAsk>({ customer: props.customer, path: "", mapping: [], zone: ZONES[0], kind: null });
  const preview = useAct((what: FileAsk) => backend.previewImport(what), { writes: [], quiet: true });
  const take = useAct((what: FileAsk) => backend.importFile(what), { writes: ["resources", "customers", "requests", "history", "today"], quiet: true });
  const look = (part: Partial<FileAsk>) => {
    const next = { ...ask, ...part };
    setAsk(next);
    take.reset();
    if (next.path.trim() !== "") preview.mutate(next);
  };
  const report = preview.data;
  const failed = take.isError ? problemOf(take.error) : preview.isError ? problemOf(preview.error) : null;
  const takes = report && report.missing.length === 0 && report.counts.new + report.counts.changed > 0;
  return (
    <div className="import">
      <FileLine
        path={ask.path}
        onPath={(path) => setAsk({ ...ask, path, mapping: [] })}
        onChosen={(path) => look({ path, mapping: [] })}
        title={t.import.choose}
        endings={["csv", "txt"]}
        testId="import-path"
        act={preview.isPending ? t.import.looking : t.import.preview}
        actId="import-preview"
        busy={preview.isPending}
        primary
        onAct={() => look({})}
      />
      <div className="choices">
        <Choice label={t.import.zone} values={ZONES} chosen={ask.zone} named={(zone) => `UTC${zone}`} onChoose={(zone) => look({ zone })} />
        <Choice label={t.import.kind} values={KINDS} chosen={ask.kind} named={(kind) => t.import.kinds[kind ?? "auto"] ?? ""} onChoose={(kind) => look({ kind })} />
      </div>
      {failed && <ProblemCard problem={failed} />}
      {take.data ? (
        <Taken report={take.data} />
      ) : (
        report && (
          <>
            <Seen report={report} />
            <Mapping report={report} mapping={ask.mapping} onMapping={(mapping) => look({ mapping })} />
            <Refused report={report} />
            <div className="connection-acts">
              <Button look="primary" tall disabled={readOnly || !takes || take.isPending} data-testid="import-take" onClick={() => take.mutate(ask)}>
                {take.isPending ? t.import.taking : t.import.take({ count: report.counts.new + report.counts.changed })}
              </Button>
              {!takes && <span className="small muted">{report.missing.length > 0 ? t.import.takeMissing : t.import.takeNothing}</span>}
            </div>
          </>
        )
      )}
    </div>
  );
}

function Seen(props: { report: ImportReport }) {
  const { report } = props;
  const { counts } = report;
  const told: readonly [keyof typeof t.import.counts, number][] = [
    ["rows", counts.rows],
    ["new", counts.new],
    ["changed", counts.changed],
    ["same", counts.same],
    ["by_api", counts.by_api],
    ["ignored", counts.ignored],
    ["refused", counts.refused],
  ];
  return (
    <section data-testid="import-seen">
      <h3>
        <Foreign>{report.file}</Foreign>
      </h3>
      <p className="small muted">
        {t.import.about({ kind: t.import.kinds[report.kind] ?? report.kind, encoding: report.encoding, when: formatInstant(report.dated) })}
      </p>
      <dl className="import-counts">
        {told.map(([key, count]) => (
          <div key={key} className={key === "refused" && count > 0 ? "refused" : undefined} data-testid={`import-${key}`}>
            <dt className="small muted">{t.import.counts[key]}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      {report.without_period.length > 0 && <p className="risk small">{t.import.withoutPeriod({ count: report.without_period.length })}</p>}
      {report.unknown_products.length > 0 && <p className="risk small">{t.import.unknownProducts({ products: report.unknown_products.join(", ") })}</p>}
    </section>
  );
}

/** Where each field was found; any of them can be taken from another column. */
function Mapping(props: { report: ImportReport; mapping: FileAsk["mapping"]; onMapping: (mapping: FileAsk["mapping"]) => void }) {
  const { report, mapping } = props;
  const headers = [...new Set([...report.mapping.map((one) => one.header), ...report.unmapped])].filter((header) => header !== "");
  // Alternatives are joined by `|`: any one of them will do.
  const missing = report.missing.flatMap((fields) => fields.split("|"));
  const fields = [...new Set([...missing, ...report.mapping.map((one) => one.field)])];
  const headerOf = (field: string) => report.mapping.find((one) => one.field === field)?.header ?? "";
  const choose = (field: string, header: string) => props.onMapping([...mapping.filter(([one]) => one !== field), [field, header]]);
  return (
    <details className="import-mapping" open={missing.length > 0}>
      <summary data-testid="import-mapping">
        {t.import.mapping} {missing.length > 0 && <span className="refused">{t.import.missing({ fields: missing.map(fieldName).join(", ") })}</span>}
      </summary>
      <div className="import-fields">
        {fields.map((field) => (
          <label key={field} className={missing.includes(field) ? "refused" : undefined}>
            <span>{fieldName(field)}</span>
            <select className="select" value={headerOf(field)} data-testid={`map-${field}`} onChange={(event) => choose(field, event.target.value)}>
              <option value="">{t.import.noColumn}</option>
              {headers.map((header) => (
                <option key={header} value={header}>
                  {foreign(header)}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </details>
  );
}

/** How a field is called; the desk's word for one that has no name. */
const fieldName = (field: string): string => t.fields[field] ?? field;

/** Most refused lines shown at once. */
const SHOWN = 100;

function Refused(props: { report: ImportReport }) {
  const { report } = props;
  if (report.refused.length === 0) return null;
  return (
    <section data-testid="import-refused">
      <h3>{t.import.refused({ count: report.counts.refused })}</h3>
      <p className="small muted">{t.import.refusedText}</p>
      <ul className="import-lines refused-lines">
        {report.refused.slice(0, SHOWN).map((line) => (
          <li key={`${line.line}/${line.field}/${line.code}`}>
            <span className="muted">{t.import.line({ line: String(line.line) })}</span>
            <span>{fieldName(line.field)}</span>
            <bdi className="break">{refusal(line)}</bdi>
            <span className="small muted">{line.code}</span>
          </li>
        ))}
      </ul>
      {report.counts.refused > SHOWN && <p className="small muted">{t.today.more({ count: report.counts.refused - SHOWN })}</p>}
    </section>
  );
}

function Taken(props: { report: ImportReport }) {
  const { counts } = props.report;
  return (
    <p className="discounts-done" role="status" data-testid="import-taken">
      {t.import.taken({ file: props.report.file, fresh: counts.new, changed: counts.changed, same: counts.same, refused: counts.refused })}
    </p>
  );
}
