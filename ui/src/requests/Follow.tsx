import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { problemOf, type Reconciled, type RequestView } from "../backend/backend";
import { useDesk } from "../app/desk";
import { Amount, Button, ProblemCard } from "../controls/controls";
import { formatCalendarDate, formatInstant } from "../figures/time";
import { Section } from "../inspector/QuoteSections";
import { t } from "../text/text";
import { Copy } from "../wizard/Instructions";

/** States after which "wrong one?" has something to save. */
const DONE = ["accepted", "unknown", "handed_over", "reported", "observed", "part_refunded", "refunded", "overdue"];

/** Predicted beside actual, why they differ, and the urgent ticket. */
export function Follow(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const acted = DONE.includes(request.state);
  const read = useQuery({
    queryKey: ["reconciliation", request.customer],
    queryFn: () => backend.reconciliation(request.customer),
    enabled: acted,
  });
  const beside = read.data?.requests.find((one) => one.request === request.id) ?? null;
  return (
    <>
      {read.error && <ProblemCard problem={problemOf(read.error)} />}
      {beside && <Differences beside={beside} />}
      {acted && request.action === "unsubscribe" && <WrongOne request={request} />}
    </>
  );
}

function Differences(props: { beside: Reconciled }) {
  const { beside } = props;
  if (beside.actual === null) return null;
  return (
    <Section title={t.requests.beside} meaning={beside.differences.length > 0 ? "risk" : undefined}>
      <table className="items small">
        <thead>
          <tr>
            <td />
            <th scope="col" className="end">
              {t.requests.predicted}
            </th>
            <th scope="col" className="end">
              {t.requests.actual}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t.inspector.total}</th>
            <td className="end">
              <Amount amount={beside.predicted} currency={beside.currency} />
            </td>
            <td className="end">
              <Amount amount={beside.actual} currency={beside.currency} />
            </td>
          </tr>
          <tr>
            <th scope="row">{t.inspector.destinations}</th>
            <td className="end">{beside.predicted_to.map((place) => placeName(place.to)).join(", ") || "–"}</td>
            <td className="end">{[...new Set(beside.arrived_to.map((part) => placeName(part.to)))].join(", ") || "–"}</td>
          </tr>
          <tr>
            <th scope="row">{t.inspector.arrivesBy}</th>
            <td className="end">{beside.predicted_by ? formatCalendarDate(beside.predicted_by) : "–"}</td>
            <td className="end">{beside.arrived_on ? formatCalendarDate(beside.arrived_on) : "–"}</td>
          </tr>
        </tbody>
      </table>
      {beside.differences.length === 0 && <p className="returns small">{t.requests.agrees}</p>}
      {beside.differences.map((difference, index) => (
        <div key={index} className="difference" data-testid="difference" data-explained={difference.explanations.length > 0}>
          <p>{difference.text}</p>
          {difference.explanations.map((explanation) => (
            <p key={explanation.code} className="small muted">
              {explanation.text}
              {explanation.rule && ` · ${explanation.rule}`}
            </p>
          ))}
          {difference.explanations.length === 0 && <p className="small refused">{t.requests.unexplained}</p>}
        </div>
      ))}
      {beside.facts && <p className="small muted">{beside.facts.message}</p>}
    </Section>
  );
}

const placeName = (to: string): string => (t.destination as Record<string, string>)[to] ?? to;

/** It cannot be undone; a ticket at once may still save data. */
function WrongOne(props: { request: RequestView }) {
  const { request } = props;
  const { backend } = useDesk();
  const [open, setOpen] = useState(false);
  const read = useQuery({ queryKey: ["requests", "wrong-one", request.id], queryFn: () => backend.wrongOne(request.id), enabled: open, staleTime: 0 });
  return (
    <div className="quote-section">
      <Button look="quiet" data-testid="wrong-one" onClick={() => setOpen(true)}>
        {t.requests.wrongOne}
      </Button>
      <ModalOverlay className="veil" isOpen={open} onOpenChange={setOpen} isDismissable>
        <Modal className="confirm-frame wide">
          <Dialog className="confirm" data-testid="wrong-one-dialog">
            <Heading slot="title">{t.requests.wrongTitle}</Heading>
            <p className="muted">{t.requests.wrongText}</p>
            {read.error && <ProblemCard problem={problemOf(read.error)} />}
            {read.data && (
              <>
                {read.data.kept.map((kept) => (
                  <p key={kept.what} className={kept.minutes_left > 0 ? "risk strong" : "muted"}>
                    {t.requests.kept[kept.what as keyof typeof t.requests.kept] ?? kept.what}: {formatInstant(kept.until)} (
                    {t.requests.timeLeft({ hours: Math.floor(kept.minutes_left / 60), minutes: kept.minutes_left % 60 })})
                  </p>
                ))}
                <pre className="ticket copyable" data-testid="wrong-one-text">
                  {read.data.text}
                </pre>
              </>
            )}
            <div className="confirm-foot">
              {read.data && <Copy text={read.data.text} label={t.requests.copyTicket} />}
              <Button onClick={() => setOpen(false)}>{t.wizard.close}</Button>
            </div>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </div>
  );
}
