import { useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import type { FactAnswer, Review } from "../backend/backend";
import { Button, TextLine } from "../controls/controls";
import { en } from "../text/en";
import { openFacts, yesNoFact } from "./gate";

/** The facts the billing API does not tell: the manager looks them up and answers. */
export function SettleStage(props: { review: Review; busy: boolean; onSettle: (answers: FactAnswer[]) => void }) {
  const { review } = props;
  const { unknowns } = review.quote.quote;
  const open = openFacts(review);
  const carried = unknowns.filter((path) => !open.includes(path));
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [source, setSource] = useState<string>(en.wizard.settleSource);
  const complete = open.every((path) => answers[path] !== undefined) && source.trim() !== "";
  const told = (path: string) => review.quote.told.unknowns[unknowns.indexOf(path)]?.text;
  return (
    <div className="settle">
      <h3>{en.wizard.settleTitle}</h3>
      <p className="muted">{open.length === 0 ? en.wizard.settled : en.wizard.settleText}</p>
      {open.map((path) => (
        <FactQuestion
          key={path}
          path={path}
          told={told(path)}
          answer={answers[path] ?? null}
          onAnswer={(answer) => setAnswers({ ...answers, [path]: answer })}
        />
      ))}
      {open.length > 0 && (
        <>
          <TextLine label={en.wizard.settleSourceLabel} value={source} onChange={setSource} testId="settle-source" />
          <p className="settle-apply">
            <Button
              disabled={props.busy || !complete}
              data-testid="settle-apply"
              onClick={() =>
                props.onSettle(open.map((path) => ({ path, value: answers[path] ?? "", source: source.trim() })))
              }
            >
              {en.wizard.settleApply}
            </Button>
          </p>
        </>
      )}
      {carried.length > 0 && (
        <section className="settle-open">
          <h4>{en.wizard.settleOpen}</h4>
          <p className="muted small">{en.wizard.settleOpenText}</p>
          <ul>
            {carried.map((path) => (
              <li key={path} className="small">
                {told(path) ?? path}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function FactQuestion(props: {
  path: string;
  told: string | undefined;
  answer: string | null;
  onAnswer: (answer: string) => void;
}) {
  const fact = yesNoFact(props.path) ?? props.path;
  return (
    <RadioGroup className="fact" value={props.answer} onChange={props.onAnswer} data-testid={`fact-${props.path}`}>
      <Label>
        {en.fact[fact] ?? props.path}
        <span className="small muted block">{props.told ?? props.path}</span>
      </Label>
      <div className="fact-answers">
        {(["true", "false"] as const).map((value) => (
          <Radio key={value} value={value} className="choice" data-testid={`fact-${props.path}-${value}`}>
            <span className="dot" aria-hidden="true" />
            {en.wizard.settleAnswers[value]}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
