import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Problem } from "../backend/backend";
import { Amount, Button, DeliberateButton, ProblemCard, TextLine } from "../controls/controls";
import { t } from "../text/text";

/** The second dialog: the amount is typed out before anything is confirmed. */
export function ConfirmDialog(props: {
  /** What it is about: the resource, or how many. */
  title: string;
  about: string;
  least: string;
  most: string;
  currency: string | null;
  /** The amount as it must be typed. */
  typeAmount: string;
  problem: Problem | null;
  busy: boolean;
  /** Whether this text is the amount and nothing else is missing. */
  ready: (typed: string) => boolean;
  onConfirm: (typed: string) => void;
  onCancel: () => void;
}) {
  const { least, most, currency, typeAmount } = props;
  const [typed, setTyped] = useState("");
  const differs = typed.trim() !== "" && !typeAmount.startsWith(typed.trim());
  return (
    <ModalOverlay className="veil second" isOpen onOpenChange={(open) => !open && props.onCancel()}>
      <Modal className="confirm-frame">
        <Dialog className="confirm" role="alertdialog">
          <Heading slot="title">{t.wizard.dialogTitle}</Heading>
          <dl className="pairs">
            <div>
              <dt className="muted">{props.title}</dt>
              <dd className="break">{props.about}</dd>
            </div>
            <div>
              <dt className="muted">{t.inspector.total}</dt>
              <dd className="strong">
                <Amount amount={least} currency={currency} />
                {least !== most && (
                  <>
                    {" – "}
                    <Amount amount={most} currency={null} />
                  </>
                )}
              </dd>
            </div>
          </dl>
          {props.problem && <ProblemCard problem={props.problem} />}
          <TextLine
            label={t.wizard.typeLabel({ amount: typeAmount })}
            value={typed}
            onChange={setTyped}
            hint={differs ? t.wizard.typeDiffers : t.wizard.typeHint}
            wrong={differs}
            amount
            autoFocus
            testId="type-amount"
            expected={typeAmount}
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
