import { useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import type { BatchAnswers, BatchReview } from "../backend/backend";
import { Button, TextLine } from "../controls/controls";
import { t } from "../text/text";
import { answersOf, placeOf, type SharedQuestion, sharedQuestions } from "./gate";

/** The facts the billing API does not tell, asked once for all items; an item that differs is answered by itself. */
export function BatchSettle(props: { review: BatchReview; busy: boolean; onSettle: (answers: BatchAnswers[]) => void }) {
  const questions = sharedQuestions(props.review);
  const [own, setOwn] = useState<Record<string, string>>({});
  const [source, setSource] = useState<string>(t.wizard.settleSource);
  const answers = answersOf(questions, own, source);
  return (
    <div className="settle">
      <h3>{t.wizard.settleTitle}</h3>
      <p className="muted">{questions.length === 0 ? t.wizard.settled : t.batches.settleText}</p>
      {questions.map((question) => (
        <Shared key={question.fact} question={question} own={own} onOwn={setOwn} />
      ))}
      {questions.length > 0 && (
        <div className="act-line settle-foot">
          <TextLine label={t.wizard.settleSourceLabel} value={source} onChange={setSource} testId="settle-source" />
          <Button
            look="primary"
            disabled={props.busy || answers.length === 0}
            data-testid="batch-settle"
            onClick={() => props.onSettle(answers)}
          >
            {t.wizard.settleApply}
          </Button>
        </div>
      )}
    </div>
  );
}

function Shared(props: { question: SharedQuestion; own: Record<string, string>; onOwn: (own: Record<string, string>) => void }) {
  const { question, own, onOwn } = props;
  const [open, setOpen] = useState(false);
  const differing = question.asked.filter(({ request, question: one }) => (own[placeOf(request, one.path)] ?? question.usual) !== question.usual).length;
  const answer = question.usual === null ? "" : (t.wizard.settleAnswers[question.usual as keyof typeof t.wizard.settleAnswers] ?? question.usual);
  return (
    <section className="shared-question" data-testid={`shared-${question.fact}`}>
      <p>
        {question.text} <span className="muted small">
          {(question.asked[0]?.question.order === null ? t.batches.askedOf : t.batches.askedOfOrders)({ count: question.asked.length })}
        </span>
      </p>
      <p>
        <span className="strong">{answer}</span>{" "}
        <span className="muted small">{differing === 0 ? t.batches.forAll : t.batches.butFor({ count: differing })}</span>{" "}
        <Button look="quiet" aria-expanded={open} data-testid={`shared-open-${question.fact}`} onClick={() => setOpen(!open)}>
          {open ? t.batches.oneByOneClose : t.batches.oneByOne}
        </Button>
      </p>
      {open &&
        question.asked.map(({ request, resource, question: one }) => (
          <RadioGroup
            key={placeOf(request, one.path)}
            className="fact inline"
            value={own[placeOf(request, one.path)] ?? question.usual}
            onChange={(value) => onOwn({ ...own, [placeOf(request, one.path)]: value })}
          >
            <Label>
              {resource}
              {one.order && <span className="muted small"> · {t.wizard.settleOrder({ order: one.order })}</span>}
            </Label>
            <div className="fact-answers">
              {["true", "false"].map((value) => (
                <Radio key={value} value={value} className="choice" data-testid={`batch-fact-${resource}-${question.fact}-${value}`}>
                  <span className="dot" aria-hidden="true" />
                  {t.wizard.settleAnswers[value as "true" | "false"]}
                </Radio>
              ))}
            </div>
          </RadioGroup>
        ))}
    </section>
  );
}
