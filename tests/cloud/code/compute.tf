# What runs, each well and badly made.
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.1.2.0/24"
  availability_zone       = "eu-west-1b"
  map_public_ip_on_launch = true
}
resource "aws_security_group" "open" {
  name        = "open"
  description = "open"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_network_acl" "n" {
  vpc_id = aws_vpc.main.id
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}
resource "aws_eip" "spare" { domain = "vpc" }
resource "aws_instance" "bad" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.a.id
}
resource "aws_launch_template" "good" {
  name     = "builders"
  image_id = "ami-12345678"
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
}
resource "aws_launch_template" "bad" {
  name     = "workers"
  image_id = "ami-12345678"
}
resource "aws_ecs_cluster" "good" {
  name = "jobs"
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}
resource "aws_ecs_task_definition" "bad" {
  family                = "import"
  network_mode          = "host"
  container_definitions = jsonencode([{ name = "main", image = "app:1", memory = 128, privileged = true, essential = true }])
}
resource "aws_lambda_function" "bad" {
  function_name = "resize"
  role          = aws_iam_role.r.arn
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "${path.module}/code.zip"
  environment {
    variables = { LEVEL = "info" }
  }
}
resource "aws_cloudwatch_log_group" "good" {
  name              = "app"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.k.arn
}
resource "aws_cloudwatch_log_group" "bad" {
  name              = "debug"
  retention_in_days = 1
}
resource "aws_cloudwatch_metric_alarm" "bad" {
  alarm_name          = "errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Errors"
  namespace           = "App"
  period              = 60
  statistic           = "Sum"
  threshold           = 1
}
resource "aws_iam_policy" "all" {
  name   = "all"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_group" "g" { name = "people" }
resource "aws_iam_role_policy" "own" {
  role   = aws_iam_role.r.id
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }] })
}
resource "aws_sqs_queue" "open" {
  name                    = "inbox"
  sqs_managed_sse_enabled = false
  policy                  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_kms_key" "still" {}
resource "aws_ssm_document" "d" {
  name          = "true"
  document_type = "Command"
  content       = jsonencode({ schemaVersion = "2.2", description = "x", mainSteps = [{ action = "aws:runShellScript", name = "x", inputs = { runCommand = ["true"] } }] })
}
