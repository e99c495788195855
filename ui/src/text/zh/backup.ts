import type { Like } from "../bind";
import type { backup as en } from "../en/backup";

export const backup: Like<typeof en> = {
  backup: {
    title: "备份",
    text: "整个数据目录在同一时刻的副本。正在进行的工作不受影响。",
    holds: "包含日志、客户及其密钥、所有同步和导入的内容，以及全部报价和申请；不包含已写出的报表等文件。",
    opens: "备份与数据目录同样加密：打开时仍需当时的口令或恢复码，请与备份分开保存。",
    again: "恢复时，在尚未建立数据目录的退款台中选择“打开备份”。",
    act: "备份此数据目录…",
    saveTitle: "备份的新文件夹",
    making: "正在复制并通读副本…",
    made: "已备份到 {folder}：{entries, number} 条日志，{size}，已通读。",
    open: "打开备份",
    openText: "在本机或其他电脑上备份的数据目录。",
    openAct: "打开…",
    openInstead: "改为打开备份",
    restoreTitle: "打开备份",
    restoreText: "内容会复制成本机的数据目录，备份本身保持不变。",
    folder: "备份所在文件夹",
    chooseTitle: "备份所在文件夹",
    found: "{when} 的备份：{entries, number} 条日志，{size}。",
    passphraseHint: "备份时数据目录所用的口令",
    restore: "恢复",
    restoring: "正在复制并通读副本…",
    restored: "数据目录已恢复",
    restoredText: "这是 {when} 时的退款台。请先同步，并且不要再使用被备份的那个数据目录。",
    toReview: "{count, number} 个等待中的决定已退回审核：此后可能已经执行。",
  },
};
