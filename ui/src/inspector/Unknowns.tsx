import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf, type QuoteView } from "../backend/backend";
import { useAct, useDesk, useReadOnly } from "../app/desk";
import { Button, LoadingState, ProblemCard } from "../controls/controls";
import { t } from "../text/text";
import { SettleStage } from "../wizard/SettleStage";
import { Section, Sentences } from "./QuoteSections";

/** What is not known yet, and the place to settle it at once: the answers are journaled, and the quote is made again. */
export function Unknowns(props: { view: QuoteView }) {
  const { row, told, quote } = props.view;
  const { backend } = useDesk();
  const readOnly = useReadOnly();
  const [open, setOpen] = useState(false);
  const questions = useQuery({
    queryKey: ["quote", "questions", row.customer, row.resource, quote.unknowns],
    queryFn: () => backend.questions(row.customer, row.resource),
    enabled: open,
  });
  const answer = useAct((answers: Parameters<typeof backend.answerFacts>[2]) => backend.answerFacts(row.customer, row.resource, answers), {
    writes: ["resources", "customers", "requests"],
    quiet: true,
  });
  if (told.unknowns.length === 0) return null;
  return (
    <Section title={t.inspector.unknowns} meaning="risk">
      {!open && <Sentences sentences={told.unknowns} />}
      <Button aria-expanded={open} disabled={readOnly} data-testid="settle-here" onClick={() => setOpen(!open)}>
        {open ? t.inspector.settleClose : t.inspector.settleHere}
      </Button>
      {open && questions.isPending && <LoadingState label={t.inspector.unknowns} />}
      {open && questions.isError && <ProblemCard problem={problemOf(questions.error)} />}
      {answer.error && <ProblemCard problem={problemOf(answer.error)} />}
      {open && questions.data && (
        <SettleStage
          key={quote.unknowns.join()}
          questions={questions.data}
          busy={answer.isPending}
          onSettle={(answers) => answer.mutate(answers, { onSuccess: () => setOpen(false) })}
        />
      )}
    </Section>
  );
}
