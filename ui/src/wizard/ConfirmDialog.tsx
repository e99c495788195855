import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Problem, Review } from "../backend/backend";
import { Amount, Button, DeliberateButton, ProblemCard, TextLine } from "../controls/controls";
import { t } from "../text/text";

/** The second dialog: the amount is typed out before anything is confirmed. */
export function ConfirmDialog(props: {
  review: Review;
  problem: Problem | null;
  busy: boolean;
  /** Whether this text is the amount and nothing else is missing. */
  ready: (typed: string) => boolean;
  onConfirm: (typed: string) => void;
  onCancel: () => void;
}) {
  const { review } = props;
  const { quote } = review.quote;
  const [typed, setTyped] = useState("");
  const differs = typed.trim() !== "" && !review.type_amount.startsWith(typed.trim());
  return (
    <ModalOverlay className="veil second" isOpen onOpenChange={(open) => !open && props.onCancel()}>
      <Modal className="confirm-frame">
        <Dialog className="confirm" role="alertdialog">
          <Heading slot="title">{t.wizard.dialogTitle}</Heading>
          <dl className="pairs">
            <div>
              <dt className="muted">{t.wizard.resource}</dt>
              <dd className="break">{review.request.resource}</dd>
            </div>
            <div>
              <dt className="muted">{t.inspector.total}</dt>
              <dd className="strong">
                <Amount amount={quote.refund} currency={quote.currency} />
                {quote.refund !== quote.refund_max && (
                  <>
                    {" – "}
                    <Amount amount={quote.refund_max} currency={null} />
                  </>
                )}
              </dd>
            </div>
          </dl>
          {props.problem && <ProblemCard problem={props.problem} />}
          <TextLine
            label={t.wizard.typeLabel({ amount: review.type_amount })}
            value={typed}
            onChange={setTyped}
            hint={differs ? t.wizard.typeDiffers : t.wizard.typeHint}
            wrong={differs}
            amount
            autoFocus
            testId="type-amount"
          />
          <div className="confirm-foot">
            <Button onClick={props.onCancel}>{t.wizard.cancel}</Button>
            <DeliberateButton
              disabled={props.busy || !props.ready(typed)}
              data-testid="confirm-final"
              onClick={() => props.onConfirm(typed)}
            >
              {t.wizard.confirmFinal}
            </DeliberateButton>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
