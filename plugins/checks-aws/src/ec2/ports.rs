//! Security groups and the ports of services that do not belong on the internet.

use plumbline::prelude::*;

use super::rules::{all_closed, read};
use crate::network::Transport;

pub const CHECKS: &[&Check] = &[
    &SSH,
    &RDP,
    &FTP,
    &TELNET,
    &MYSQL,
    &POSTGRES,
    &ORACLE,
    &SQL_SERVER,
    &MONGODB,
    &REDIS,
    &MEMCACHED,
    &ELASTICSEARCH,
    &KAFKA,
    &CASSANDRA,
    &HIGH_RISK,
];

fn closed(group: &Resource<'_>, ports: &[u16]) -> Outcome {
    all_closed(&read(group, "ingress")?, ports.iter().map(|port| (Transport::Tcp, *port)))
}

/// One check for each service; they differ in name, ports and what is at stake.
macro_rules! service {
    ($name:ident, $id:literal, $service:literal, $ports:literal, [$($port:literal),+], $risk:literal) => {
        pub const $name: Check = Check {
            id: concat!("ec2_securitygroup_allow_ingress_from_internet_to_", $id),
            title: concat!("Security group keeps ", $service, " (TCP ", $ports, ") off the internet"),
            description: concat!(
                "The ingress rules of a security group, taken together, must not admit the internet to ", $service,
                " on TCP ", $ports, ". A source counts as the internet where the rules for a port cover at least a \
                 quarter of all public IPv4 or IPv6 addresses, so a split such as 0.0.0.0/1 and 128.0.0.0/1 is seen."
            ),
            risk: $risk,
            severity: Severity::High,
            kinds: &["aws_security_group", "aws_default_security_group"],
            reads: &["ingress"],
            categories: &["internet-exposed", "network"],
            references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"],
            remediation: Remediation {
                text: concat!(
                    "Remove the rule, or narrow its source to the networks or security groups that need ", $service, "."
                ),
                url: "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
                command: "aws ec2 revoke-security-group-ingress --group-id GROUP_ID --security-group-rule-ids \
                    RULE_ID",
                terraform: concat!(
                    "ingress {\n  protocol    = \"tcp\"\n  from_port   = ", service!(@first $($port),+),
                    "\n  to_port     = ", service!(@first $($port),+), "\n  cidr_blocks = [\"10.0.0.0/8\"]\n}"
                ),
                effort_minutes: 20,
            },
            rule: Rule::Resource(|group| closed(group, &[$($port),+])),
        };
    };
    (@first $first:literal $(, $other:literal)*) => { stringify!($first) };
}

service!(
    SSH,
    "tcp_port_22",
    "SSH",
    "22",
    [22],
    "Anyone can try keys and passwords against the hosts, and use a flaw in the SSH daemon the day it is published."
);
service!(
    RDP,
    "tcp_port_3389",
    "Remote Desktop",
    "3389",
    [3389],
    "Remote Desktop is the usual way in for ransomware: passwords are guessed around the clock, and the protocol has \
     had flaws that need no password at all."
);
service!(
    FTP,
    "tcp_port_ftp_20_21",
    "FTP",
    "20 and 21",
    [20, 21],
    "FTP sends passwords and files in the clear, so they can be read and changed on the way, and open servers are \
     found in minutes."
);
service!(
    TELNET,
    "tcp_port_telnet_23",
    "Telnet",
    "23",
    [23],
    "Telnet sends whole sessions, passwords included, in the clear, and botnets try default passwords on every \
     address there is."
);
service!(
    MYSQL,
    "tcp_port_mysql_3306",
    "MySQL",
    "3306",
    [3306],
    "The database can be attacked directly: passwords guessed, flaws used, and all of its data copied or held to \
     ransom."
);
service!(
    POSTGRES,
    "tcp_port_postgres_5432",
    "PostgreSQL",
    "5432",
    [5432],
    "The database can be attacked directly; with a superuser's password an attacker also runs programs on its host."
);
service!(
    ORACLE,
    "tcp_port_oracle_1521_2483",
    "Oracle Database",
    "1521 and 2483",
    [1521, 2483],
    "The listener tells strangers about the databases behind it and lets them guess passwords and use unpatched \
     flaws."
);
service!(
    SQL_SERVER,
    "tcp_port_sql_server_1433_1434",
    "Microsoft SQL Server",
    "1433 and 1434",
    [1433, 1434],
    "Passwords of the administrative login can be guessed, and from it commands run on the host."
);
service!(
    MONGODB,
    "tcp_port_mongodb_27017_27018",
    "MongoDB",
    "27017 and 27018",
    [27017, 27018],
    "Databases without authentication are found within hours, copied, wiped and held to ransom."
);
service!(
    REDIS,
    "tcp_port_redis_6379",
    "Redis",
    "6379",
    [6379],
    "Redis often asks for no password; whoever reaches it reads the cache, plants data and can run code on the host."
);
service!(
    MEMCACHED,
    "tcp_port_memcached_11211",
    "Memcached",
    "11211",
    [11211],
    "Memcached has no authentication: cached sessions and data can be read and replaced, and the server abused to \
     flood others."
);
service!(
    ELASTICSEARCH,
    "tcp_port_elasticsearch_kibana_9200_9300_5601",
    "Elasticsearch and Kibana",
    "9200, 9300 and 5601",
    [9200, 9300, 5601],
    "Indices can be searched, copied and deleted by anyone who finds the port, and the dashboards show what to look \
     for."
);
service!(
    KAFKA,
    "tcp_port_kafka_9092",
    "Kafka",
    "9092",
    [9092],
    "Strangers can read the messages of every topic, write their own, and exhaust the brokers."
);
service!(
    CASSANDRA,
    "tcp_port_cassandra_7199_9160_8888",
    "Cassandra",
    "7199, 9160 and 8888",
    [7199, 9160, 8888],
    "The management port lets strangers run code in the database's process, and the client ports give them its data."
);
service!(
    HIGH_RISK,
    "high_risk_tcp_ports",
    "services that are often attacked",
    "25, 110, 135, 143, 445, 3000, 4333, 5000, 5500, 8080 \
    and 8088",
    [25, 110, 135, 143, 445, 3000, 4333, 5000, 5500, 8080, 8088],
    "Mail, file sharing, remote control and development servers on these ports are scanned all the time and are \
     seldom made for it."
);
