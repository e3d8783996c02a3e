/**
 * Bahasa Indonesia: the first language of the people who are woken by these messages.
 * Tone: short, kind, exact; readable on a phone at three at night.
 */
import type { Texts } from "./texts.ts";

/** Causes of a probe that said "dead" or "none", in words. */
const PROBE_DETAIL: Readonly<Record<string, string>> = {
  unreachable: "tidak terjangkau",
  name_not_found: "namanya tidak ditemukan",
  no_program: "tidak dapat dicoba (program ping tidak ada)",
  no_permission: "tidak dapat dicoba (tidak ada izin)",
  no_resources: "tidak dapat dicoba (mesin kolektor kehabisan sumber daya)",
  bad_address: "tidak dapat dicoba (alamatnya tidak bisa dipakai)",
  not_asked: "tidak sempat dicoba",
  local_error: "tidak dapat dicoba (kolektor gagal mengirim)",
  other_address: "dijawab oleh alamat lain",
};

export const id: Texts = {
  state: {
    host_down: "MATI",
    host_hung: "MACET",
    agent_down: "AGEN BERHENTI",
    path_down: "JALUR PUTUS",
    site_down: "CABANG MATI",
    mass_outage: "GANGGUAN MASSAL",
    not_back: "BELUM KEMBALI",
    collector_trouble: "KOLEKTOR TERGANGGU",
    health: "PERLU PERHATIAN",
  },
  stateWorse: (state) => `MEMBURUK: ${state}`,
  stateRecovered: "PULIH",
  stateLate: {
    host_down: "SEMPAT MATI, SUDAH PULIH",
    host_hung: "SEMPAT MACET, SUDAH PULIH",
    agent_down: "AGEN SEMPAT BERHENTI, SUDAH PULIH",
    path_down: "JALUR SEMPAT PUTUS, SUDAH PULIH",
    site_down: "CABANG SEMPAT MATI, SUDAH PULIH",
    mass_outage: "SEMPAT ADA GANGGUAN MASSAL, SUDAH PULIH",
    not_back: "SEMPAT BELUM KEMBALI, SUDAH PULIH",
    collector_trouble: "KOLEKTOR SEMPAT TERGANGGU, SUDAH PULIH",
    health: "SEMPAT PERLU PERHATIAN, SUDAH PULIH",
  },
  stateNeverCame: "BELUM PERNAH TERDENGAR",
  meaning: {
    host_down: "Tidak ada tanda hidup dari server ini.",
    host_hung: "Server masih menjawab ping, tetapi layanannya diam.",
    agent_down: "Agennya berhenti melapor; servernya sendiri masih menjawab.",
    path_down: "Tidak terjangkau dari kolektor, tetapi masih terjangkau dari tempat lain.",
    site_down: "Semua server di cabang ini diam.",
    mass_outage: "Banyak server di beberapa cabang diam bersamaan.",
    not_back: "Server pamit sebentar, tetapi belum kembali pada waktunya.",
    collector_trouble: "Kolektor sedang tidak dapat mendengar; keadaan server belum diketahui.",
    health: "Server hidup, tetapi kesehatannya perlu dilihat.",
  },
  variant: {
    lan: "Gateway-nya menjawab: periksa jaringan lokal cabang.",
    path: "Cabang masih terjangkau dari tempat lain.",
    agents: "Servernya masih hidup: agen-agennya yang berhenti.",
  },
  neverCame: "Server ini sudah didaftarkan, tetapi belum sekali pun terdengar.",
  neverCameAdvice: "Periksa pemasangan agen, alamatnya, dan sambungannya ke kolektor.",
  toldLate: "Kabar ini terlambat: pesannya baru dapat dikirim sekarang.",
  cause: {
    host_crash_or_power: "server crash atau kehilangan listrik",
    host_rebooted: "server dimulai ulang",
    host_hung: "server macet (hang)",
    host_suspended: "server ditidurkan atau VM-nya dijeda",
    agent_stopped: "program agen berhenti",
    host_network: "gangguan kabel, kartu jaringan, atau port switch server",
    site_lan: "gangguan jaringan lokal cabang",
    site_link: "sambungan cabang putus",
    site_power: "listrik cabang padam",
    site_link_or_power: "sambungan cabang putus atau listriknya padam",
    path_or_provider: "gangguan di jalur atau penyedia internet",
    collector: "gangguan pada kolektor atau jaringannya",
    connection: "sambungan antara agen dan kolektor terputus",
    name_certificate_or_proxy: "masalah nama DNS, sertifikat, atau proxy",
    planned: "pekerjaan terencana",
    unknown: "",
  },
  causeLikely: {
    high: (cause) => `Kemungkinan besar ${cause}.`,
    medium: (cause) => `Kemungkinan ${cause}.`,
    low: (cause) => `Mungkin ${cause}; ini belum pasti.`,
  },
  causeUnknown: {
    high: "Penyebabnya belum diketahui.",
    medium: "Penyebabnya belum diketahui.",
    low: "Penyebabnya belum diketahui; buktinya masih sedikit.",
  },
  evidenceThin: "Ini belum pasti: buktinya masih sedikit.",
  causeFinal: (cause) => `Penyebab: ${cause}.`,
  causeFinalUnknown: "Penyebabnya tidak diketahui.",
  since: (started, detected) => `Sejak ${started}, diketahui ${detected}`,
  sinceHeard: (started, detected) => `Sejak ${started} (terakhir terdengar), diketahui ${detected}`,
  registered: (started) => `Didaftarkan ${started}`,
  lasted: (kind, duration, period) => {
    const what = {
      host_down: "Mati selama",
      host_hung: "Macet selama",
      agent_down: "Agen diam selama",
      path_down: "Jalur putus selama",
      site_down: "Cabang mati selama",
      mass_outage: "Gangguan massal selama",
      not_back: "Tidak ada kabar selama",
      collector_trouble: "Kolektor terganggu selama",
      health: "Perlu perhatian selama",
    } as const;
    return `${what[kind]} ${duration}, ${period}`;
  },
  evidence: {
    lastHeard: (time) => `terakhir terdengar ${time}`,
    fromCollector: "dari kolektor:",
    probe: (result, target, port, roundTrip) => {
      const asked =
        result.kind === "icmp"
          ? `ping ${target}`
          : `${result.kind === "tcp" ? "TCP" : result.kind === "http" ? "HTTP" : "salam port"} ${port ?? target}`;
      if (result.verdict === "alive") {
        if (result.detail === "refused") return `${asked} menolak (berarti mesinnya hidup)`;
        return `${asked} menjawab${roundTrip === null ? "" : ` (${roundTrip})`}`;
      }
      const detail = PROBE_DETAIL[result.detail];
      if (detail !== undefined) return `${asked} ${detail}`;
      return result.verdict === "dead" ? `${asked} tidak menjawab` : `${asked} tidak dapat dicoba`;
    },
    socketOpen: "sambungan agen masih terbuka",
    socketClosed: (time) => `sambungan agen terputus ${time}`,
    reboot: (time, clean) =>
      `server dimulai ulang ${time}${clean === null ? "" : clean ? " dengan benar" : " tanpa dimatikan dengan benar"}`,
    agentRestarted: (time) => `agen dimulai ulang ${time}`,
  },
  duration: {
    seconds: (count) => `${count} detik`,
    minutes: (count) => `${count} menit`,
    hours: (count) => `${count} jam`,
    days: (count) => `${count} hari`,
  },
  weekdays: ["Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"],
  months: ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
  incident: (number) => `Insiden #${number}`,
  repeat: "Ulangan: kiriman pertama tidak terkonfirmasi.",
  mapButton: "📍 Peta",
  panel: (url) => `Panel: ${url}`,
  panelButton: "Buka di panel",
  unnamed: "(tanpa nama)",
  linked: "✅ Terhubung. Kabar tentang server akan datang ke sini.",
  alreadyLinked: "Chat ini memang sudah terhubung; tidak ada yang berubah.",
  codeRefused: "Kode itu tidak berlaku atau sudah kedaluwarsa. Mintalah kode baru dari panel.",
};
