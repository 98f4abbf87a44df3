# Answers ICMP echo requests for whatever is routed to the network device that it makes, after a delay: a path whose delay
# is ours to choose, since not every kernel has netem. Perl is part of every Debian; Node.js cannot open a TUN device.
#
# perl slow-path.pl NAME DELAY-FILE     DELAY-FILE holds milliseconds, and is read anew for each request
use strict;
use warnings;

my ($name, $delay) = @ARGV;
my $TUNSETIFF = 0x400454ca;
my $IFF_TUN_IFF_NO_PI = 0x1001;
open my $tun, '+<', '/dev/net/tun' or die "/dev/net/tun: $!\n";
ioctl $tun, $TUNSETIFF, pack 'a16 S', $name, $IFF_TUN_IFF_NO_PI or die "cannot make $name: $!\n";
$| = 1;
print "ready\n";
while (sysread $tun, my $packet, 65535) {
    my ($first, $protocol) = unpack 'C x8 C', $packet;
    my $header = ($first & 15) * 4;
    next unless $first >> 4 == 4 && $protocol == 1 && ord(substr $packet, $header, 1) == 8;
    open my $file, '<', $delay or die "$delay: $!\n";
    my $ms = <$file>;
    close $file;
    select undef, undef, undef, $ms / 1000;
    my ($source, $target) = (substr($packet, 12, 4), substr($packet, 16, 4));
    substr($packet, 12, 8) = $target . $source;
    my $icmp = chr(0) . substr($packet, $header + 1, 1) . "\0\0" . substr $packet, $header + 4;
    my $sum = unpack '%32n*', length($icmp) % 2 ? "$icmp\0" : $icmp;
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    substr($icmp, 2, 2) = pack 'n', ~$sum & 0xffff;
    syswrite $tun, substr($packet, 0, $header) . $icmp;
}
