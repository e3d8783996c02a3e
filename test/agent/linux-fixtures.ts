/**
 * What several kernels and containers say in /proc: written after the kernel's formats, with the odd lines of each.
 */

/** Debian 12, kernel 6.1, a VM with LVM, NFS, CIFS, an sshfs, snaps, a RAM disk and an automount. */
export const debian = {
  stat: `cpu  128164 36 14877 513515 1032 0 513 72 10 2
cpu0 62857 18 6967 258787 226 0 207 33 5 1
cpu1 65307 18 7910 254728 806 0 306 39 5 1
intr 1300853 0 0 0
ctxt 3849516
btime 1795353225
`,
  later: `cpu  128264 36 14927 513815 1082 0 513 72 10 2
cpu0 62907 18 6992 258937 251 0 207 33 5 1
`,
  load: "3.52 3.22 2.21 2/141 27251\n",
  memory: `MemTotal:       24684092 kB
MemFree:        23314016 kB
MemAvailable:   23934756 kB
Buffers:            9468 kB
Cached:           778384 kB
SwapCached:            0 kB
Active(anon):       1608 kB
SwapTotal:       2097148 kB
SwapFree:        2000000 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`,
  mounts: `22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw
23 27 0:22 / /sys rw,relatime shared:6 - sysfs sysfs rw
24 27 0:6 / /dev rw,relatime shared:2 - devtmpfs udev rw,size=4013576k
26 27 0:25 / /run rw,nosuid shared:7 - tmpfs tmpfs rw,size=812264k
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,errors=remount-ro
30 27 8:1 / /boot rw,relatime shared:8 - ext2 /dev/sda1 rw
31 30 8:2 / /boot/efi rw,relatime shared:9 - vfat /dev/sda2 rw
32 27 254:1 / /srv/data\\040disk rw,relatime shared:10 master:2 propagate_from:3 - xfs /dev/mapper/vg-data rw
33 27 254:1 /share /home/share rw,relatime shared:11 - xfs /dev/mapper/vg-data rw
34 27 0:40 / /mnt/nfs rw,relatime shared:12 - nfs4 10.0.0.2:/export rw,vers=4.2,hard
35 27 0:41 / /mnt/cifs rw,relatime shared:13 - cifs //files/share rw
36 27 0:42 / /mnt/ssh rw,nosuid - fuse.sshfs root@10.0.0.3:/ rw
37 27 7:0 / /snap/core/1 ro,nodev shared:14 - squashfs /dev/loop0 ro
38 27 0:43 / /mnt/auto rw - autofs systemd-1 rw,fd=60
39 27 0:44 / /run/user/1000/doc rw - fuse.portal /dev/fuse rw
40 27 11:0 / /media/cdrom ro - iso9660 /dev/sr0 ro
`,
  interfaces: `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 163121405 1973410    0  463    0     0          0         0 163121405 1973410    0    0    0     0       0          0
  ens18: 806527128   20216    0    0    0     0          0         0  1520041   13056    0    0    0     0       0          0
docker0:    3906      49    0    0    0     0          0         0     5072      76    0    0    0     0       0          0
`,
} as const;

/** CentOS 6, kernel 2.6.32: fewer columns, no MemAvailable, no space after the interface's colon. */
export const centos6 = {
  stat: "cpu  100 0 50 850 0 0 0 0 0\ncpu0 100 0 50 850 0 0 0 0 0\n",
  memory: `MemTotal:        1000000 kB
MemFree:          100000 kB
Buffers:           50000 kB
Cached:           350000 kB
SwapTotal:             0 kB
SwapFree:              0 kB
`,
  interfaces: `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0
  eth0:3000000000 100 0 0 0 0 0 0 2000 50 0 0 0 0 0 0
`,
} as const;

/** A Docker container: overlay root, the host's disk bound as three files, a named volume, read-only proc parts. */
export const docker = {
  mounts: `1214 1180 0:61 / / rw,relatime master:402 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A,upperdir=/u
1215 1214 0:64 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
1216 1214 0:65 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
1219 1214 8:1 /var/lib/docker/containers/0a/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/sda1 rw
1220 1214 8:1 /var/lib/docker/containers/0a/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw
1221 1214 8:1 /var/lib/docker/containers/0a/hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw
1222 1214 8:1 /k8s/termination-log /dev/termination-log rw,relatime - ext4 /dev/sda1 rw
1223 1214 8:17 /volumes/data/_data /data rw,relatime - ext4 /dev/sdb1 rw
1100 1215 0:64 /bus /proc/bus ro,nosuid - proc proc rw
`,
  interfaces: `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0:    1000      10    0    0    0     0          0         0     2000      20    0    0    0     0       0          0
`,
} as const;

/** An LXC container whose /proc is emulated: figures that may go back, an empty line, no swap lines. */
export const lxc = {
  stat: "\ncpu  500 0 100 9000 0 0 0 0 0 0\n",
  earlier: "\ncpu  900 0 100 8000 0 0 0 0 0 0\n",
  memory: "MemTotal:        524288 kB\nMemFree:          11111 kB\nMemAvailable:    524999 kB\n",
} as const;

/** The agent's own systemd sandbox: every mount is bound again, read-only, and /tmp is private. */
export const sandbox = {
  mounts: `500 499 254:0 / / ro,nosuid shared:300 master:1 - ext4 /dev/vda1 rw
501 500 254:0 /tmp/systemd-private-1-detak-agent.service-x/tmp /tmp rw,nosuid shared:301 master:1 - ext4 /dev/vda1 rw
502 500 254:0 /var/lib/private/detak-agent /var/lib/private/detak-agent rw,nosuid - ext4 /dev/vda1 rw
503 500 254:16 / /home ro,nosuid - ext4 /dev/vdb1 rw
504 500 0:30 / /run/credentials ro - ramfs none rw
`,
} as const;

/** btrfs subvolumes of one disk, ZFS data sets, and a place that is mounted over. */
export const pools = {
  mounts: `60 1 0:33 /@ / rw,relatime - btrfs /dev/sda2 rw,subvolid=256,subvol=/@
61 60 0:33 /@home /home rw,relatime - btrfs /dev/sda2 rw,subvolid=257,subvol=/@home
62 60 0:50 / /tank rw,noatime - zfs tank rw,xattr
63 60 0:51 / /tank/vm rw,noatime - zfs tank/vm rw,xattr
64 60 8:33 / /mnt/over rw - ext4 /dev/sdc1 rw
65 64 0:60 / /mnt/over rw - nfs4 10.0.0.9:/x rw
garbage without a dash
66 60
`,
} as const;
