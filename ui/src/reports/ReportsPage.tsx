import "./reports.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type OfferedReport, type Problem, problemOf, type ReportAsk, type ReportFormat, type ReportProgressed, type WrittenReport } from "../backend/backend";
import { useAct, useCustomers, useDesk, useReadOnly } from "../app/desk";
import { Button, DateSpan, EmptyState, FailedState, LoadingState, ProblemCard, Tick } from "../controls/controls";
import { Choice } from "../controls/Choice";
import { Copy } from "../controls/Copy";
import { Joined } from "../controls/Foreign";
import { Pair } from "../controls/Pair";
import { language, t } from "../text/text";
import { Letterhead } from "./Letterhead";
import { Preview } from "./Preview";
import { Verify } from "./Verify";

/** Of what is so now: a span of days has no meaning. */
const OF_NOW: readonly OfferedReport["kind"][] = ["quotes", "renewals"];

/** Code of a report that the manager cancelled. */
const CANCELLED = "report.cancelled";

const LANGUAGES: readonly ReportAsk["language"][] = ["en", "zh", "both"];

/** What is handed to the customer: chosen, looked at, written, and known again later. */
export function ReportsPage() {
  const { backend } = useDesk();
  const kinds = useQuery({ queryKey: ["report-kinds"], queryFn: () => backend.reportKinds() });
  return (
    <main className="page">
      {kinds.isPending && (
        <section className="page-main">
          <LoadingState label={t.reports.title} />
        </section>
      )}
      {kinds.isError && (
        <section className="page-main">
          <FailedState title={t.reports.failed} problem={problemOf(kinds.error)} onRetry={() => void kinds.refetch()} />
        </section>
      )}
      {kinds.data && <Offered kinds={kinds.data} />}
    </main>
  );
}

function Offered(props: { kinds: readonly OfferedReport[] }) {
  const { backend, customer } = useDesk();
  const readOnly = useReadOnly();
  const name = useCustomers().data?.find((row) => row.id === customer)?.name;
  const [kind, setKind] = useState<OfferedReport["kind"]>("statement");
  const [format, setFormat] = useState<ReportFormat | null>(null);
  const [words, setWords] = useState<ReportAsk["language"]>(language());
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [oneLine, setOneLine] = useState(false);
  const offered = props.kinds.find((one) => one.kind === kind) ?? props.kinds[0];
  const ask: ReportAsk = {
    kind,
    format,
    customer,
    text: "",
    from: from || null,
    until: until || null,
    language: words,
    resources: [],
    one_line: oneLine,
  };
  const preview = useAct((what: ReportAsk) => backend.previewReport(what), { writes: [], quiet: true });
  const write = useAct((what: ReportAsk) => backend.writeReport(what), { writes: ["status"], quiet: true });
  const save = useAct((what: ReportAsk) => backend.saveReport(what, t.reports.save), { writes: ["status"], quiet: true });
  const busy = preview.isPending || write.isPending || save.isPending;
  const progress = useProgress(busy);
  if (!offered) return null;
  const needs = offered.of_one_customer && customer === null;
  const refused = offered.journaled && readOnly;
  const written = write.data ?? save.data;
  const failed = [write, save, preview].find((one) => one.isError);
  // What is shown is of what was asked for: another choice is another report.
  const change = <Value,>(set: (value: Value) => void) => (value: Value) => {
    set(value);
    for (const one of [preview, write, save]) one.reset();
  };
  const begin = (how: typeof write | typeof save) => {
    for (const one of [write, save]) one.reset();
    how.mutate(ask);
  };
  return (
    <>
      <section className="page-main reports">
        <div className="page-head">
          <h1>
            <Joined parts={[t.reports.title, name]} />
          </h1>
        </div>
        <div className="reports-body">
          <div className="reports-kinds" role="radiogroup" aria-label={t.reports.title}>
            {props.kinds.map((one) => (
              <button
                key={one.kind}
                type="button"
                role="radio"
                aria-checked={one.kind === kind}
                className="reports-kind"
                data-testid={`report-${one.kind}`}
                onClick={() => {
                  change(setKind)(one.kind);
                  setFormat(null);
                }}
              >
                <span className="strong">{t.reports.kinds[one.kind]}</span>
                <span className="small muted">{t.reports.kindText[one.kind]}</span>
              </button>
            ))}
          </div>
          <div className="choices">
            <Choice label={t.reports.language} values={LANGUAGES} chosen={words} named={(one) => t.reports.languages[one]} onChoose={change(setWords)} />
            {offered.formats.length > 1 && (
              <Choice
                label={t.reports.format}
                values={offered.formats}
                chosen={format ?? offered.formats[0] ?? null}
                named={(one) => (one ?? "").toUpperCase()}
                onChoose={change(setFormat)}
              />
            )}
          </div>
          {kind === "quotes" && (
            <Tick selected={oneLine} onChange={change(setOneLine)}>
              {t.reports.oneLine}
            </Tick>
          )}
          {!OF_NOW.includes(kind) && (
            <DateSpan name="report" label={t.reports.period} from={from} to={until} onFrom={change(setFrom)} onTo={change(setUntil)} />
          )}
          <div className="connection-acts">
            <Button look="primary" tall disabled={needs || refused || busy} data-testid="report-write" onClick={() => begin(write)}>
              {write.isPending ? t.reports.writing : t.reports.write}
            </Button>
            <Button tall disabled={needs || refused || busy} data-testid="report-save" onClick={() => begin(save)}>
              {t.reports.saveAs}
            </Button>
            <Button tall disabled={needs || busy} data-testid="report-preview" onClick={() => preview.mutate(ask)}>
              {preview.isPending ? t.reports.setting : t.reports.preview}
            </Button>
            {busy && (
              <Button look="quiet" data-testid="report-cancel" onClick={() => void backend.cancelReport()}>
                {t.reports.cancel}
              </Button>
            )}
            {progress && <span className="small muted">{t.reports.progress(progress)}</span>}
            {needs && <span className="small muted">{t.reports.chooseCustomer}</span>}
            {refused && <span className="small muted">{t.readOnly.explain}</span>}
          </div>
          {failed && <Ended problem={problemOf(failed.error)} />}
          {written && <Written key={written.path} report={written} />}
          <Verify />
          <Letterhead />
        </div>
      </section>
      <aside className="page-side reports-side" aria-label={t.reports.previewTitle} tabIndex={0}>
        {preview.data !== undefined ? (
          <Preview key={preview.submittedAt} count={preview.data} />
        ) : (
          <EmptyState title={t.reports.nothing} next={t.reports.nothingNext} />
        )}
      </aside>
    </>
  );
}

/** What was cancelled is no failure: it is said and nothing is asked for. */
function Ended(props: { problem: Problem }) {
  if (props.problem.code !== CANCELLED) return <ProblemCard problem={props.problem} />;
  return (
    <p className="small muted" role="status" data-testid="report-cancelled">
      {t.reports.cancelled}
    </p>
  );
}

/** How far the report has come that is being made here. */
function useProgress(making: boolean): ReportProgressed | null {
  const { backend } = useDesk();
  const [progress, setProgress] = useState<ReportProgressed | null>(null);
  useEffect(() => backend.onReportProgress(setProgress), [backend]);
  return making && progress !== null && progress.total > 0 ? progress : null;
}

function Written(props: { report: WrittenReport }) {
  const { report } = props;
  return (
    <div className="export-result small" role="status" data-testid="report-written" data-path={report.path} data-sha256={report.sha256}>
      <p className="strong">{report.pages === null ? t.reports.written({ rows: report.rows }) : t.reports.writtenPages({ rows: report.rows, pages: report.pages })}</p>
      <dl>
        <File name={t.history.exportPath} path={report.path} />
        {report.annex !== null && <File name={t.reports.annex} path={report.annex} />}
        <Pair name={t.history.exportHash} muted copyable>
          {report.sha256}
        </Pair>
        {report.journal_entry !== null && (
          <Pair name={t.security.journal} muted>
            {t.facts.entry({ entry: String(report.journal_entry) })}
          </Pair>
        )}
      </dl>
    </div>
  );
}

/** A file that was written here, opened by the system's own programs. */
function File(props: { name: string; path: string }) {
  const { backend } = useDesk();
  const open = useAct((path: string) => backend.openReport(path), { writes: [], quiet: true });
  const show = useAct((path: string) => backend.showReportFolder(path), { writes: [], quiet: true });
  const failed = [open, show].find((one) => one.isError);
  return (
    <div>
      <dt className="muted">{props.name}</dt>
      <dd>
        <span className="copyable break">{props.path}</span>
        <span className="file-acts">
          <Button disabled={open.isPending} data-testid="report-open" onClick={() => open.mutate(props.path)}>
            {t.reports.open}
          </Button>
          <Button disabled={show.isPending} data-testid="report-folder" onClick={() => show.mutate(props.path)}>
            {t.reports.folder}
          </Button>
          <Copy text={props.path} />
        </span>
        {failed && <ProblemCard problem={problemOf(failed.error)} />}
      </dd>
    </div>
  );
}
