/**
 * Indonesian texts of how something stands: the words for machine words of servers, incidents, deliveries, the collector.
 * Why together: a machine word must read the same wherever it is shown.
 * Must not: say why something is so (story.ts does).
 */
import { count } from "./count.ts";

export const idStates = {
  status: {
    new: "baru",
    up: "sehat",
    suspect: "curiga",
    down: "mati",
    planned: "terencana",
    recovering: "pulih",
    paused: "jeda",
  },
  statusMeaning: {
    new: "belum pernah terdengar",
    up: "terdengar dan baik",
    suspect: "diam; sedang diperiksa",
    down: "diam melewati batas waktu",
    planned: "berpamitan sebelum diam",
    recovering: "terdengar lagi; menunggu kepastian",
    paused: "pemantauan dijeda oleh staf",
  },
  kind: {
    host_down: "Server mati",
    host_hung: "Server macet",
    agent_down: "Agen berhenti",
    path_down: "Jalur ke server putus",
    site_down: "Cabang mati",
    mass_outage: "Gangguan massal",
    not_back: "Tidak kembali setelah pamit",
    collector_trouble: "Kolektor bermasalah",
    health: "Kesehatan server",
  },
  /** Kinds whose variant has a name of its own. */
  variant: {
    "agent_down/service": "Layanan mati",
    "site_down/lan": "Jaringan lokal cabang putus",
    "site_down/path": "Jalur ke cabang putus",
    "site_down/agents": "Agen cabang diam",
    "collector_trouble/uplink": "Kolektor terputus dari luar",
    "collector_trouble/network": "Kolektor terputus dari jaringan",
  },
  mark: {
    flapping: "naik turun",
    unstable: "tidak stabil",
    duplicate: "identitas ganda",
    maintenance: "pemeliharaan",
  },
  markMeaning: {
    flapping: (incidents: number, since: string) =>
      `Naik turun sejak ${since}: ${count(incidents)} insiden. Kabarnya diringkas sampai tenang lagi.`,
    unstable: (n: number) =>
      `${count(n)} kali diam sebentar dalam satu jam terakhir, lalu terdengar lagi. Periksa sambungannya; belum ada yang mati.`,
    duplicate: (addresses: string) =>
      `Dua mesin memakai identitas agen ini${addresses === "" ? "" : `, dari ${addresses}`}. Matinya satu mesin bisa tertutup oleh yang lain: pasang ulang agen pada salah satunya.`,
    maintenance: (until: string, note: string) =>
      `Dalam pemeliharaan sampai ${until}: insiden dicatat, tetapi tidak dikabarkan.${note === "" ? "" : ` ${note}`}`,
  },
  confidence: { high: "yakin", medium: "cukup yakin", low: "kurang yakin" },
  delivery: {
    queued: "menunggu",
    sending: "sedang dikirim",
    sent: "terkirim",
    retry: "akan dicoba lagi",
    unknown: "tidak pasti sampai",
    rejected: "ditolak",
    superseded: "digantikan pesan yang lebih baru",
  },
  channel: { telegram: "Telegram", webhook: "Webhook", ntfy: "ntfy" },
  hearing: {
    starting: "baru mulai",
    grace: "masa tenang setelah mulai: belum menilai siapa pun",
    hearing: "mendengar",
    drain: "mengejar ketertinggalan sebentar",
    isolated: "tidak dapat mendengar: kolektor sendiri yang terputus",
  },
  telegram: {
    off: "mati: belum ada token bot",
    starting: "sedang menyambung",
    ok: "berfungsi",
    unauthorized: "token ditolak Telegram",
    other_poller: "ada program lain yang memakai token bot ini",
    unreachable: "Telegram tidak terjangkau",
    failing: "Telegram menjawab dengan kesalahan",
  },
  telegramAdvice: {
    off: "Buat bot lewat @BotFather, lalu jalankan kolektor dengan DETAK_TELEGRAM_TOKEN.",
    starting: "Tunggu beberapa detik.",
    ok: "",
    unauthorized:
      "Periksa DETAK_TELEGRAM_TOKEN; mungkin token sudah dicabut di @BotFather. Dengan token baru, jalankan ulang kolektor. Bila token yang ada berlaku lagi, ini pulih sendiri. Pesan yang menunggu tetap disimpan.",
    other_poller:
      "Hentikan program lain itu, atau buat bot sendiri untuk Detak. Pesan tetap terkirim, tetapi tombol dan perintah tidak terbaca. Begitu program lain berhenti, ini pulih sendiri.",
    unreachable:
      "Periksa internet dan DNS mesin kolektor. Ini pulih sendiri begitu tersambung; pesan yang menunggu tetap disimpan dan dikirim saat itu.",
    failing:
      "Gangguannya di pihak Telegram atau proksi di jalan, dan biasanya pulih sendiri. Pesan yang menunggu tetap disimpan dan dikirim sesudahnya.",
  },
  icmp: {
    ok: "bisa",
    no_program:
      "tidak ada program ping: ping tidak memberi bukti apa pun. Pasang iputils-ping (atau fping) di mesin kolektor.",
    no_permission:
      "ada program ping tetapi tidak boleh mengirim: ping tidak memberi bukti apa pun. Beri izin CAP_NET_RAW atau net.ipv4.ping_group_range.",
    unknown: "belum dicoba",
  },
};

export type StateTexts = typeof idStates;
