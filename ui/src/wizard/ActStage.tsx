import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Backend, type ConsoleAsk, problemOf, type RequestView } from "../backend/backend";
import { useAct, useDesk, useStatus } from "../app/desk";
import { Amount, Button, DeliberateButton, ProblemCard, TextLine } from "../controls/controls";
import { isAmountText } from "../figures/money";
import { t } from "../text/text";
import { Instructions } from "./Instructions";

type Act = (move: () => Promise<RequestView>) => void;

/** Carrying out: sending by API, or the console with the amount compared before the last click. */
export function ActStage(props: { request: RequestView; busy: boolean; onAct: Act; onReviewAgain: () => void; unreached: boolean }) {
  const { request, busy, onAct, onReviewAgain } = props;
  const { backend } = useDesk();
  switch (request.state) {
    case "rejected":
    case "returned_to_review":
    case "expired":
      return <Returned request={request} busy={busy} onReviewAgain={onReviewAgain} />;
    case "sending":
    case "unknown":
      return <Unsure request={request} busy={busy} onAct={onAct} />;
    default:
      return request.channel === "api" ? (
        <Send request={request} busy={busy} onAct={onAct} backend={backend} unreached={props.unreached} />
      ) : (
        <AtTheConsole request={request} busy={busy} onAct={onAct} />
      );
  }
}

/** Nobody knows whether the call acted: ask first; only then may the same call be made once more. */
function Unsure(props: { request: RequestView; busy: boolean; onAct: Act }) {
  const { request, busy, onAct } = props;
  const { backend } = useDesk();
  return (
    <div className="act">
      <h3>{t.requestState[request.state]}</h3>
      {request.problem && <ProblemCard problem={request.problem} />}
      {request.moves.includes("ask_again") && (
        <Button look="primary" tall disabled={busy} data-testid="wizard-ask-again" onClick={() => onAct(() => backend.askAgain(request.id))}>
          {t.wizard.askAgain}
        </Button>
      )}
      {request.moves.includes("send") && (
        <DeliberateButton look="plain" disabled={busy} data-testid="wizard-send" onClick={() => onAct(() => backend.send(request.id))}>
          {t.wizard.sendAgain}
        </DeliberateButton>
      )}
    </div>
  );
}

function Returned(props: { request: RequestView; busy: boolean; onReviewAgain: () => void }) {
  const { request } = props;
  return (
    <div className="act">
      <h3>{t.requestState[request.state]}</h3>
      <p>{request.state === "rejected" ? t.wizard.rejected : t.wizard.returned}</p>
      {request.state === "returned_to_review" && request.actual !== null && (
        <dl className="pairs both-amounts">
          <div>
            <dt className="muted">{t.wizard.predicted}</dt>
            <dd>
              <Amount amount={request.predicted} currency={request.currency} testId="wizard-predicted" />
            </dd>
          </div>
          <div>
            <dt>{t.wizard.givenNow}</dt>
            <dd>
              <Amount className="strong" amount={request.actual} currency={request.currency} testId="wizard-given-now" />
            </dd>
          </div>
        </dl>
      )}
      {request.problem && <ProblemCard problem={request.problem} />}
      <p>
        <Button look="primary" tall disabled={props.busy} data-testid="wizard-review-again" onClick={props.onReviewAgain}>
          {t.wizard.reviewAgain}
        </Button>
      </p>
    </div>
  );
}

function Send(props: { request: RequestView; busy: boolean; onAct: Act; backend: Backend; unreached: boolean }) {
  const { request, busy, onAct, backend } = props;
  return (
    <div className="act">
      <h3>{t.wizard.sendTitle}</h3>
      <p>{props.unreached ? t.requests.stays : t.wizard.sendText}</p>
      {request.problem && <ProblemCard problem={request.problem} />}
      <DeliberateButton disabled={busy} data-testid="wizard-send" onClick={() => onAct(() => backend.send(request.id))}>
        {busy ? t.wizard.sending : t.wizard.send}
      </DeliberateButton>
    </div>
  );
}

function AtTheConsole(props: { request: RequestView; busy: boolean; onAct: Act }) {
  const { request, busy, onAct } = props;
  const { backend } = useDesk();
  const status = useStatus();
  const [amount, setAmount] = useState("");
  const [refundOrder, setRefundOrder] = useState("");
  const [receipt, setReceipt] = useState("");
  const report = (order: string | null) => onAct(() => backend.reportWithReceipt(request.id, order, receipt.trim() || null));
  const handedOver = request.state === "handed_over";
  // A ticket or a partner shows no amount beforehand; the console does.
  const compares = request.channel === "console";
  return (
    <div className="act">
      <h3>{compares ? t.wizard.consoleTitle : t.wizard.readyText}</h3>
      {!handedOver && <p className="muted">{compares ? t.wizard.consoleText : t.wizard.handOverText}</p>}
      {request.problem && <ProblemCard problem={request.problem} />}
      <Instructions request={request} />
      {compares && status.data?.sandbox && (
        <SandboxConsole request={request} onActed={(orders) => setRefundOrder(orders[0] ?? "")} />
      )}
      {!handedOver && (
        <div className="act-line">
          {compares && (
            <TextLine
              label={`${t.wizard.consoleAmount} (${request.currency})`}
              value={amount}
              onChange={setAmount}
              amount
              testId="console-amount"
            />
          )}
          <Button
            look="primary"
            disabled={busy || (compares && !isAmountText(amount))}
            data-testid="wizard-hand-over"
            onClick={() => onAct(() => backend.handOver(request.id, amount.trim()))}
          >
            {compares ? t.wizard.handOver : t.wizard.handOverPlain}
          </Button>
        </div>
      )}
      {handedOver && (
        <>
          <p className="returns">{compares ? t.wizard.handedOver : t.wizard.handedOverPlain}</p>
          {!compares && <TextLine label={t.wizard.receipt} value={receipt} onChange={setReceipt} testId="receipt" />}
          <div className="act-line">
            <TextLine label={t.wizard.refundOrder} value={refundOrder} onChange={setRefundOrder} testId="refund-order-input" />
            <Button
              look="primary"
              disabled={busy || refundOrder.trim() === ""}
              data-testid="wizard-report"
              onClick={() => report(refundOrder.trim())}
            >
              {t.wizard.report}
            </Button>
            <Button disabled={busy} data-testid="wizard-report-later" onClick={() => report(null)}>
              {t.wizard.reportLater}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

/** Stands in for the person at the console. Only in a sandbox home, and the click only after the amounts were compared. */
function SandboxConsole(props: { request: RequestView; onActed: (orders: string[]) => void }) {
  const { request, onActed } = props;
  const { backend } = useDesk();
  const ask: ConsoleAsk = {
    customer: request.customer,
    resource: request.resource,
    action: request.action,
    expires: request.expires,
  };
  const act = useAct(() => backend.sandboxConsoleAct(ask), { writes: ["status"], quiet: true });
  const shows = useQuery({
    queryKey: ["sandbox-console", ask, request.state],
    queryFn: () => backend.sandboxConsoleAmount(ask),
    enabled: !act.isSuccess,
    staleTime: 0,
  });
  const problem = act.error ?? shows.error;
  return (
    <section className="sandbox-console">
      <h4>{t.wizard.sandboxTitle}</h4>
      <p className="small">{t.wizard.sandboxText}</p>
      <div className="act-line">
        <p>
          {t.wizard.sandboxShows}{" "}
          {shows.data && (
            <Amount className="strong copyable" amount={shows.data.amount} currency={shows.data.currency} testId="sandbox-console-amount" />
          )}
        </p>
        <DeliberateButton
          look="plain"
          disabled={request.state !== "handed_over" || act.isPending || act.isSuccess}
          data-testid="sandbox-console-act"
          onClick={() => act.mutate(undefined, { onSuccess: onActed })}
        >
          {t.wizard.sandboxAct}
        </DeliberateButton>
      </div>
      {act.data && <p data-testid="sandbox-console-done">{t.wizard.sandboxActed({ orders: act.data.join(", ") })}</p>}
      {problem && !act.isSuccess && <ProblemCard problem={problemOf(problem)} />}
    </section>
  );
}
