import type { Like } from "../bind";
import type { today as en } from "../en/today";

export const today: Like<typeof en> = {
  title: "今日",
  failed: "无法读取今日事项",
  loading: "正在查找需要处理的事项…",
  closing: "七天内截止",
  closingNone: "七天内没有窗口截止。",
  columns: { until: "截止", resource: "资源", what: "变化", before: "现在", after: "之后", stake: "涉及金额" },
  kind: {
    full: "全额退款截止",
    source: "改为退至余额",
    rises: "等待更划算",
    ends: "之后不再退款",
  },
  kindText: {
    full: "在此之前可全额退款。",
    source: "在此之前原路退回，之后退至账户余额。",
    rises: "自此之后可退金额更多。",
    ends: "之后该资源不能再退订退款。",
  },
  left: { days: "剩 {days, number} 天", hours: "剩 {hours} 小时", minutes: "剩 {minutes} 分钟" },
  unknown: "结果未知",
  unknownText: "请先查询结果，再做其他操作。",
  overdue: "逾期未到账",
  overdueText: "款项应已到账，申请中附有工单文字。",
  rescue: "尚可挽回",
  rescueText: "已退订，但部分内容会保留一段时间。",
  kept: { configuration: "配置", logs: "日志" },
  keptUntil: "{what}保留至 {when}",
  stale: "数据陈旧",
  staleText: "超过一天的金额不是今天的金额。",
  syncThem: "同步",
  more: "还有 {count, number} 项",
  calm: "今天没有需要处理的事项。",
  showRequest: "查看申请",
};
