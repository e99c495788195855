import { useEffect, useId, useRef, useState } from "react";
import { type DiscountTable, type Problem, problemOf } from "../backend/backend";
import { useAct, useDesk, useProducts } from "../app/desk";
import { Button, ProblemCard, TextLine } from "../controls/controls";
import { told } from "../text/problems";
import { t } from "../text/text";
import { emptyDraft, type Fault, nextStep, type StepBy, type StepDraft, type TableDraft, tableOf } from "./draft";

/** Enters a table, or replaces the one of the same product and day. What is wrong is told where it stands. */
export function DiscountForm(props: {
  customer: string;
  draft: TableDraft;
  onDraft: (draft: TableDraft) => void;
  /** What the first step is counted by. */
  by: StepBy;
  /** Opened because of a quote, to which one can go back. */
  asked: boolean;
}) {
  const { customer, draft, by } = props;
  const { backend, goTo } = useDesk();
  const products = useProducts(customer);
  const [fault, setFault] = useState<Fault | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const form = useRef<HTMLElement>(null);
  // Where to correct it: the field with its explanation is what a screen reader says next, too.
  useEffect(() => {
    if (fault !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [fault]);
  const act = useAct((table: DiscountTable) => backend.enterDiscounts(table), { writes: ["resources", "customers"], quiet: true });

  const forget = () => {
    setFault(null);
    setProblem(null);
    setDone(null);
  };
  const change = (part: Partial<TableDraft>) => {
    forget();
    props.onDraft({ ...draft, ...part });
  };
  const enter = () => {
    forget();
    const read = tableOf(customer, draft);
    if ("fault" in read) return setFault(read.fault);
    act.mutate(read.table, {
      onSuccess: () => {
        props.onDraft(emptyDraft("", by));
        setDone(read.table.product);
      },
      onError: (thrown) => {
        const refused = problemOf(thrown);
        setProblem(refused);
        if (isPlace(refused.place, draft)) setFault({ place: refused.place, text: refused.message });
      },
    });
  };
  const at = (place: string) => (fault?.place === place ? fault.text : undefined);
  return (
    <aside ref={form} className="page-side discounts-form" aria-label={t.settings.formTitle} data-testid="discounts-form">
      <div>
        <h2>{t.settings.formTitle}</h2>
        <p className="small muted">{t.settings.formText}</p>
      </div>
      <TextLine
        label={t.settings.product}
        value={draft.product}
        onChange={(product) => change({ product })}
        suggestions={products}
        hint={at("product") ?? t.settings.productHint}
        wrong={at("product") !== undefined}
        testId="discounts-product"
      />
      <TextLine
        label={t.settings.from}
        value={draft.from}
        onChange={(from) => change({ from })}
        placeholder={t.date.form}
        hint={at("from") ?? t.settings.fromHint}
        wrong={at("from") !== undefined}
        testId="discounts-from"
      />
      <Steps draft={draft} by={by} faultAt={at} onSteps={(steps) => change({ steps })} />
      <TextLine
        label={t.settings.source}
        value={draft.source}
        onChange={(source) => change({ source })}
        hint={at("source") ?? t.settings.sourceHint}
        wrong={at("source") !== undefined}
        testId="discounts-source"
      />
      <Button look="primary" tall wide disabled={act.isPending} data-testid="discounts-enter" onClick={enter}>
        {act.isPending ? t.settings.entering : draft.steps.length === 0 ? t.settings.enterNone : t.settings.enter}
      </Button>
      {problem !== null && fault === null && <ProblemCard problem={problem} />}
      {problem !== null && fault !== null && <Refused problem={problem} />}
      {done !== null && (
        <p className="discounts-done" role="status" data-testid="discounts-done">
          {t.settings.done({ product: done })}
        </p>
      )}
      {props.asked && (
        <Button wide data-testid="discounts-back" onClick={() => goTo("resources")}>
          {t.settings.back}
        </Button>
      )}
    </aside>
  );
}

/** Whether the form has the place that a problem names. */
function isPlace(place: string | null, draft: TableDraft): place is string {
  const places = ["product", "from", "steps", "source", ...draft.steps.map((_, index) => `steps[${index}]`)];
  return place !== null && places.includes(place);
}

/** The rest of a problem whose message stands at its place. */
function Refused(props: { problem: Problem }) {
  return (
    <p className="small discounts-refused" data-testid="discounts-refused" data-code={props.problem.code}>
      <span className="next">{told(props.problem).next}</span> <span className="refused nowrap">{props.problem.code}</span>
    </p>
  );
}

function Steps(props: {
  draft: TableDraft;
  by: StepBy;
  faultAt: (place: string) => string | undefined;
  onSteps: (steps: StepDraft[]) => void;
}) {
  const { draft, faultAt, onSteps } = props;
  const whole = faultAt("steps");
  return (
    <fieldset className="discounts-steps">
      <legend className="label">{t.settings.steps}</legend>
      {draft.steps.length > 0 && (
        <div className="discounts-line label" aria-hidden="true">
          <span>{t.settings.begins}</span>
          <span />
          <span>{t.settings.factor}</span>
        </div>
      )}
      {draft.steps.map((step, index) => (
        <StepLine
          key={step.id}
          step={step}
          index={index}
          fault={faultAt(`steps[${index}]`)}
          onStep={(next) => onSteps(draft.steps.map((one) => (one.id === next.id ? next : one)))}
          onRemove={() => onSteps(draft.steps.filter((one) => one.id !== step.id))}
        />
      ))}
      {draft.steps.length === 0 && <p className="small muted">{t.settings.noSteps}</p>}
      {whole !== undefined && (
        <p className="hint wrong small" role="alert">
          {whole}
        </p>
      )}
      <p>
        <Button data-testid="discounts-add-step" onClick={() => onSteps([...draft.steps, nextStep(draft, props.by)])}>
          {t.settings.addStep}
        </Button>
      </p>
    </fieldset>
  );
}

function StepLine(props: {
  step: StepDraft;
  index: number;
  fault: string | undefined;
  onStep: (step: StepDraft) => void;
  onRemove: () => void;
}) {
  const { step, index, fault, onStep } = props;
  const id = useId();
  const field = (name: "threshold" | "factor", label: string) => (
    <input
      className="input amount"
      aria-label={label}
      aria-invalid={fault !== undefined}
      aria-describedby={fault === undefined ? undefined : id}
      inputMode="decimal"
      autoComplete="off"
      value={step[name]}
      data-testid={`discounts-step-${index}-${name}`}
      onChange={(event) => onStep({ ...step, [name]: event.target.value })}
    />
  );
  return (
    <div>
      <div className="discounts-line">
        <select
          className="select"
          aria-label={t.settings.byLabel({ step: index + 1 })}
          value={step.by}
          data-testid={`discounts-step-${index}-by`}
          onChange={(event) => onStep({ ...step, by: event.target.value === "percent" ? "percent" : "day" })}
        >
          <option value="day">{t.settings.by.day}</option>
          <option value="percent">{t.settings.by.percent}</option>
        </select>
        {field("threshold", t.settings.thresholdLabel({ step: index + 1 }))}
        {field("factor", t.settings.factorLabel({ step: index + 1 }))}
        <Button
          look="quiet"
          aria-label={t.settings.remove({ step: index + 1 })}
          title={t.settings.remove({ step: index + 1 })}
          data-testid={`discounts-step-${index}-remove`}
          onClick={props.onRemove}
        >
          ×
        </Button>
      </div>
      {fault !== undefined && (
        <p id={id} className="hint wrong small" role="alert" data-testid={`discounts-step-${index}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
