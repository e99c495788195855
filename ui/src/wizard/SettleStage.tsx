import { useId, useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import type { FactAnswer, Question } from "../backend/backend";
import { Button, TextLine } from "../controls/controls";
import { t } from "../text/text";

/** The facts the billing API does not tell: the manager looks them up and answers. */
export function SettleStage(props: { questions: readonly Question[]; busy: boolean; onSettle: (answers: FactAnswer[]) => void }) {
  const { questions } = props;
  const open = questions.filter((question) => question.required);
  const answerable = questions.filter((question) => answersTo(question) !== null);
  const carried = questions.filter((question) => answersTo(question) === null);
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [source, setSource] = useState<string>(t.wizard.settleSource);
  const given = answerable.flatMap(({ path }) => {
    const value = answers[path]?.trim() ?? "";
    return value === "" ? [] : [{ path, value, source: source.trim() }];
  });
  const complete = given.length > 0 && open.every(({ path }) => (answers[path] ?? "") !== "") && source.trim() !== "";
  return (
    <div className="settle">
      <h3>{t.wizard.settleTitle}</h3>
      <p className="muted">{open.length === 0 ? t.wizard.settled : t.wizard.settleText}</p>
      {answerable.map((question) => (
        <FactQuestion
          key={question.path}
          question={question}
          answer={answers[question.path] ?? null}
          onAnswer={(answer) => setAnswers({ ...answers, [question.path]: answer })}
        />
      ))}
      {answerable.length > 0 && (
        <div className="act-line">
          <TextLine label={t.wizard.settleSourceLabel} value={source} onChange={setSource} testId="settle-source" />
          <Button disabled={props.busy || !complete} data-testid="settle-apply" onClick={() => props.onSettle(given)}>
            {t.wizard.settleApply}
          </Button>
        </div>
      )}
      {carried.length > 0 && (
        <section className="settle-open">
          <h4>{t.wizard.settleOpen}</h4>
          <p className="muted small">{t.wizard.settleOpenText}</p>
          <ul>
            {carried.map((question) => (
              <li key={question.path} className="small">
                {question.text}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** The words a question takes, `number`, or null where no single word answers it (a discount table, payments). */
function answersTo(question: Question): readonly string[] | "number" | null {
  if (question.path.endsWith("renew_status")) return ["auto", "manual", "none"];
  if (question.path.endsWith("ecs_quota_left")) return "number";
  return question.required ? ["true", "false"] : null;
}

function FactQuestion(props: { question: Question; answer: string | null; onAnswer: (answer: string) => void }) {
  const { question, answer, onAnswer } = props;
  const words = answersTo(question);
  const id = useId();
  const about = (
    <>
      {question.text}
      {!question.required && <span className="small muted"> {t.wizard.settleOptional}</span>}
      {question.order && <span className="small muted block">{t.wizard.settleOrder({ order: question.order })}</span>}
    </>
  );
  if (words === "number") {
    return (
      <div className="fact">
        <label htmlFor={id}>{about}</label>
        <input
          id={id}
          className="input amount count"
          inputMode="numeric"
          value={answer ?? ""}
          data-testid={`fact-${question.path}`}
          onChange={(event) => onAnswer(event.target.value.replace(/\D/g, ""))}
        />
      </div>
    );
  }
  return (
    <RadioGroup className="fact" value={answer} onChange={onAnswer} data-testid={`fact-${question.path}`}>
      <Label>{about}</Label>
      <div className="fact-answers">
        {(words ?? []).map((value) => (
          <Radio key={value} value={value} className="choice" data-testid={`fact-${question.path}-${value}`}>
            <span className="dot" aria-hidden="true" />
            {t.wizard.settleAnswers[value] ?? value}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
