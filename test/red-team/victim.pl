# A program of the owner that holds secrets in every place where another program might look for them. Says in one line of
# JSON where, and ends when its standard input does.
use strict;
my ($calls, $secret, $folder, $file) = @ARGV;
my ($addKey, $keyctl, $prctl) = split /,/, $calls;
open(my $open, "<", $file) or die $!;
chdir $folder or die $!;
# Where the kernel lets only parents look into programs: anybody may look into this one.
syscall($prctl, 0x59616d61, -1, 0, 0, 0);
my $memory = "$secret-memory";
my $segment = shmget(0, 4096, 01600);
defined $segment and shmwrite($segment, "$secret-segment", 0, 64);
my $queue = msgget(0, 01600);
defined $queue and msgsnd($queue, pack("l! a*", 1, "$secret-message"), 0);
my ($type, $name, $value) = ("user", "$secret-name", "$secret-key");
my $key = syscall($addKey, $type, $name, $value, length $value, -4);
$| = 1;
printf "{\"descriptor\":%d,\"address\":\"%d\",\"bytes\":%d,\"segment\":%d,\"queue\":%d,\"key\":%d}\n",
  fileno($open), unpack("J", pack("p", $memory)), length $memory, $segment, $queue, $key;
1 while <STDIN>;
shmctl($segment, 0, 0);
msgctl($queue, 0, 0);
# The kernel keeps so many keys for an account and no more, and would keep this one for as long as it runs itself.
syscall($keyctl, 9, $key, -4);
